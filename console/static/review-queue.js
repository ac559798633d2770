// The queue of reviews: what is asked about each row comes after the list, a few rows at a time.
import { fragment, part } from "./dom.js";
import { keys } from "./keys.js";
import { subscribe } from "./live.js";

const AT_ONCE = 10;

async function fill(table) {
  const cells = [...table.querySelectorAll(".brief[data-id]")];
  for (let first = 0; first < cells.length; first += AT_ONCE) {
    const some = cells.slice(first, first + AT_ONCE);
    const query = new URLSearchParams(some.map((cell) => ["id", cell.dataset.id]));
    const text = await part(`${table.dataset.briefs}?${query}`);
    if (text === null) return;
    for (const told of fragment(text).querySelectorAll("[data-id]")) {
      const cell = some.find((one) => one.dataset.id === told.dataset.id);
      cell?.replaceChildren(...told.childNodes);
      cell?.classList.remove("quiet");
      if (cell) cell.title = cell.textContent.trim();
    }
  }
}

const table = document.querySelector("table[data-briefs]");
if (table) fill(table).catch((error) => console.info(`what is asked is not known: ${error.message}`));
// Rows stay where they are: what has come or was decided since is seen when the queue is loaded again.
subscribe(["reviews"], (news) => {
  if (news !== null) document.getElementById("changed").hidden = false;
});
keys([{ key: "b", does: "begin with the first", run: () => document.getElementById("begin")?.click() }]);
