// Keys: one table says what each does, and the sheet under `?` is made of it.

const known = [];
let first = "";
let since = 0;

/** Adds keys: `{key, does, run}`; `key` is one key, or two with a blank between them that are pressed one after the other. */
export function keys(table) {
  known.push(...table);
  const sheet = document.getElementById("keys-list");
  if (!sheet) return;
  for (const { key, does } of table) {
    const row = document.createElement("tr");
    const pressed = document.createElement("td");
    for (const one of key.split(" ")) {
      const cap = document.createElement("kbd");
      cap.textContent = one;
      pressed.append(cap, " ");
    }
    const told = document.createElement("td");
    told.textContent = does;
    row.append(pressed, told);
    sheet.append(row);
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const pair = Date.now() - since < 1000 ? `${first} ${event.key}` : "";
  const found = known.find(({ key }) => key === pair) ?? known.find(({ key }) => key === event.key);
  first = event.key;
  since = Date.now();
  if (!found) return;
  event.preventDefault();
  found.run(event);
});

function typing(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** `j` and `k` move through a table's rows, `Enter` opens, `x` ticks, shift with `x` ticks all between. */
export function listKeys(table) {
  if (!table) return;
  let at = -1;
  let ticked = -1;
  const rows = () => [...table.tBodies[0].rows].filter((row) => row.dataset.key);
  const move = (by) => {
    const all = rows();
    if (!all.length) return;
    all[at]?.removeAttribute("aria-selected");
    at = Math.min(Math.max(at + by, 0), all.length - 1);
    all[at].setAttribute("aria-selected", "true");
    all[at].querySelector("a, button")?.focus();
    all[at].scrollIntoView({ block: "nearest" });
  };
  const tick = (event) => {
    const all = rows();
    const box = all[at]?.querySelector("input[type=checkbox]");
    if (!box) return;
    box.checked = !box.checked;
    if (event.shiftKey && ticked >= 0) {
      for (const row of all.slice(Math.min(at, ticked), Math.max(at, ticked) + 1)) {
        const one = row.querySelector("input[type=checkbox]");
        if (one) one.checked = box.checked;
      }
    }
    ticked = at;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const mine = [
    { key: "j", does: "next row", run: () => move(1) },
    { key: "k", does: "previous row", run: () => move(-1) },
    { key: "Enter", does: "open the row", run: () => rows()[at]?.querySelector("a")?.click() },
  ];
  if (table.querySelector("input[type=checkbox]")) {
    mine.push({ key: "x", does: "tick the row", run: tick }, { key: "X", does: "tick the rows between", run: tick });
  }
  keys(mine);
}
