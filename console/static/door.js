// One-use links: what stands behind # goes into the form, and out of the address and the history.

function take() {
  const secret = location.hash.slice(1);
  const field = document.getElementById("link");
  if (!field) return;
  if (secret) {
    field.value = secret;
    history.replaceState(null, "", location.pathname + location.search);
  }
  document.getElementById("link-field").hidden = field.value !== "";
}

take();
addEventListener("hashchange", take);
