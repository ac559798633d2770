// Runs on every page: times, keys, and forms that must not be sent twice.
import { elapsed, localTimes } from "./dom.js";
import { keys, listKeys } from "./keys.js";

localTimes();
elapsed();
setInterval(() => document.hidden || elapsed(), 1000);

listKeys(document.querySelector("table[data-keys]"));
keys([
  { key: "?", does: "show the keys", run: () => document.getElementById("keys")?.showModal() },
  { key: "/", does: "go to the search field", run: () => document.querySelector("input[type=search]")?.focus() },
  { key: "g r", does: "go to Review", run: () => go("reviews") },
  { key: "g t", does: "go to Today", run: () => go("today") },
  { key: "g p", does: "go to Publications", run: () => go("posts") },
]);

function go(name) {
  document.querySelector(`.nav a[data-name="${name}"]`)?.click();
}

for (const button of document.querySelectorAll("dialog [data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}

// A scheme that a person has chosen, kept in this browser.
const scheme = document.getElementById("scheme");
if (scheme) {
  scheme.value = localStorage.getItem("scheme") ?? "";
  scheme.addEventListener("change", () => {
    localStorage.setItem("scheme", scheme.value);
    apply();
  });
}
function apply() {
  const chosen = localStorage.getItem("scheme");
  if (chosen) document.documentElement.dataset.scheme = chosen;
  else delete document.documentElement.dataset.scheme;
}
apply();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sure && !confirm(form.dataset.sure)) {
    event.preventDefault();
    return;
  }
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
