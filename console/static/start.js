// The form that starts a content: shows the chosen source, sends files in parts, and asks what a channel's contents cost.
import { fragment, part, say } from "./dom.js";

const form = document.getElementById("start");
const list = document.getElementById("uploads");
form.dataset.script = "1";

function chosen() {
  const source = form.elements.source.value;
  for (const one of form.querySelectorAll("[data-source]")) one.classList.toggle("chosen", one.dataset.source === source);
}
form.addEventListener("change", (event) => event.target.name === "source" && chosen());
chosen();

let asked = "";
form.elements.channel.addEventListener("change", async () => {
  asked = form.elements.channel.value || "default";
  const mine = asked;
  try {
    const text = await part(`${form.dataset.expected}?channel=${encodeURIComponent(mine)}`);
    if (text === null || mine !== asked) return;
    document.getElementById("expected").replaceChildren(fragment(text));
  } catch {
    document.getElementById("expected").textContent = "What it may cost could not be asked for.";
  }
});

// --- files ---

const drop = document.getElementById("drop");
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  take(event.dataTransfer.files);
});
document.getElementById("files").addEventListener("change", (event) => {
  take(event.target.files);
  event.target.value = "";
});

let scene = list.children.length;
function take(files) {
  for (const file of files) {
    const row = document.getElementById("file-row").content.firstElementChild.cloneNode(true);
    row.querySelector(".name").textContent = file.name;
    list.append(row);
    wire(row);
    row.querySelector(".again").addEventListener("click", () => send(file, row));
    send(file, row);
  }
}

async function send(file, row) {
  const told = row.querySelector(".told");
  const again = row.querySelector(".again");
  again.hidden = true;
  try {
    told.textContent = "";
    if (!row.dataset.id) {
      const begun = await post(form.dataset.uploads, JSON.stringify({ name: file.name, size: file.size }));
      row.dataset.id = (await begun.json()).id;
    }
    const url = `${form.dataset.uploads}/${encodeURIComponent(row.dataset.id)}`;
    let at = Number((await checked(fetch(url, { method: "HEAD" }))).headers.get("Upload-Offset"));
    while (at < file.size) {
      if (!row.isConnected) return;
      const body = file.slice(at, at + Number(form.dataset.partBytes));
      const answer = await checked(fetch(url, { method: "PATCH", body, headers: { "Upload-Offset": String(at) } }));
      at = Number(answer.headers.get("Upload-Offset"));
      row.querySelector("progress").value = (100 * at) / file.size;
    }
    told.textContent = "being looked at …";
    const media = await (await post(`${url}/finish`, "")).json();
    taken(row, media);
  } catch (error) {
    told.textContent = error.message;
    again.hidden = Boolean(error.final);
    say(`${file.name}: ${error.message}`);
  }
}

async function checked(answering) {
  let answer;
  try {
    answer = await answering;
  } catch {
    throw new Error("the connection broke off");
  }
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  const error = new Error([problem.detail ?? `the server answered ${answer.status}`, problem.remedy].filter(Boolean).join("; "));
  error.final = answer.status === 422;
  throw error;
}

function post(url, body) {
  return checked(fetch(url, { method: "POST", body, headers: { "Content-Type": "application/json", Accept: "application/json" } }));
}

function taken(row, media) {
  row.querySelector("progress").remove();
  row.querySelector(".told").textContent = [media.kind, ...media.notes].join("; ");
  const use = row.querySelector(".use");
  use.value = media.kind === "sound" ? "music" : "scene";
  use.hidden = false;
  scene += 1;
  row.querySelector(".number-of").value = String(scene);
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = "own";
  hidden.dataset.sha256 = media.sha256;
  row.append(hidden);
  used(row);
  say(`${row.querySelector(".name").textContent} is stored`);
}

function wire(row) {
  row.addEventListener("change", () => used(row));
  row.querySelector(".drop-it").addEventListener("click", () => row.remove());
}

function used(row) {
  const hidden = row.querySelector("input[name=own]");
  if (!hidden) return;
  const use = row.querySelector(".use").value;
  row.querySelector(".scene").hidden = use !== "scene";
  const sha256 = hidden.dataset.sha256 ?? hidden.value.split(" ")[0];
  hidden.value = `${sha256} ${use} ${row.querySelector(".number-of").value || "1"}`;
}

for (const row of list.children) {
  wire(row);
  used(row);
}
