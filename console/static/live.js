// What has changed is read again, where it is shown.
//
// `<table data-live="contents">`: rows with `data-key` are fetched anew and replaced in place. With `data-rows` the page
// answers `?rows=KEY&rows=KEY` with those rows alone; without it the whole page is read. Rows never move by themselves:
// of new ones a button above the table says how many there are. A new one is one that would stand before the first row,
// by `data-order`, which rows may carry.
// `<section id="spend" data-live="costs">`: the whole element is fetched anew and replaced; with `data-of="KEY"` only for
// news of that row and of what belongs to it (`KEY/…`). `<p id="none" data-live="contents" data-instead>`: the page is loaded
// anew when this is not on it any more, as the line of an empty list. `data-every="5"`: also every five seconds, for what
// no news tell of, until the attribute is gone.
// Other modules: `subscribe(["posts"], (news) => …)`; `news` is `{posts: ["tides/x/main"]}`, or null after a gap.
import { elapsed, localTimes, part, fragment, rows, say, scriptUrl, signedOut } from "./dom.js";

const WAIT_MS = 150;
const ANSWERS_MS = 4_000;
const PAGES_MS = 2_000;
const ROWS_AT_ONCE = 100;
const handlers = [];
const away = document.getElementById("away");
const root = new URL("..", import.meta.url);
let channel = null;
let signedIn = true;

/** Calls `handler` for each of these topics' news, and with null where some may be missing. */
export function subscribe(topics, handler) {
  handlers.push({ topics: new Set(topics), handler });
  connect();
}

function connect() {
  const topics = [...new Set(handlers.flatMap((one) => [...one.topics]))];
  if (!topics.length) return;
  channel ??= opened();
  channel({ join: topics, seconds: performance.now() / 1_000 });
}

/** How to speak to the stream: a worker that all tabs share, or one of this page's own. */
function opened() {
  if (globalThis.SharedWorker) {
    try {
      const url = scriptUrl(new URL("./live-worker.js", import.meta.url).href);
      const worker = new SharedWorker(url, { type: "module", name: "reelwright-news" });
      let shared = worker.port;
      const alone = () => {
        if (!shared) return;
        shared.postMessage({ leave: true });
        shared = null;
        channel = own();
        connect();
      };
      // A worker that was just ending when this page came never answers, and nothing tells of it.
      const silent = setTimeout(alone, ANSWERS_MS);
      worker.onerror = alone;
      shared.onmessage = ({ data }) => {
        clearTimeout(silent);
        if (shared && !data.joined) heard(data);
      };
      return (message) => shared?.postMessage(message);
    } catch {
      // Not allowed here: as without.
    }
  }
  return own();
}

function own() {
  const made = import("./stream.js").then(({ Stream }) => new Stream(new URL("events", root).href));
  return async (message) => {
    const stream = await made;
    if (message.join) stream.join("page", message.join, message.seconds, heard);
    else if ("seen" in message) stream.show("page", message.seen);
    else if (message.here) stream.here("page");
    else if (message.leave) stream.leave("page");
  };
}

function heard(message) {
  if (message.signedOut) {
    signedIn = false;
    signedOut();
  } else if (message.state) {
    shown(message.state);
  } else {
    for (const { topics, handler } of handlers) {
      if (message.reset) handler(null);
      else {
        const mine = Object.entries(message.news).filter(([topic]) => topics.has(topic));
        if (mine.length) handler(Object.fromEntries(mine));
      }
    }
  }
}

const NAMES = { database: "The database", temporal: "Temporal", stream: "The console" };
let since = null;

/** What does not answer: the page shows what it last knew, and as of when. */
function shown(state) {
  const missing = Object.entries(state);
  if (!away) return;
  if (!missing.length) {
    since = null;
    away.hidden = true;
    return;
  }
  since ??= new Date();
  const time = since.toLocaleTimeString(undefined, { timeStyle: "short" });
  const told = missing.map(([name, why]) => `${NAMES[name] ?? name} does not answer (${why}).`);
  away.textContent = `${told.join(" ")} This page shows what was known at ${time}.`;
  away.hidden = false;
}

addEventListener("pagehide", () => channel?.({ leave: true }));
addEventListener("pageshow", (event) => {
  if (!event.persisted || !channel) return;
  connect();
  for (const { handler } of handlers) handler(null);
});
document.addEventListener("visibilitychange", () => {
  channel?.({ seen: !document.hidden });
  if (!document.hidden) for (const one of waiting) one.soon();
});
setInterval(() => document.hidden || channel?.({ here: true }), 50_000);

// --- parts of the page -----------------------------------------------------------------------------------------------

const waiting = [];

/** Gathers what has changed, and reads it in one request: one at a time, and none while the page is not seen. */
class Reader {
  constructor(read, pause) {
    this.keys = new Set();
    this.all = false;
    this.read = read;
    this.pause = pause;
    this.last = -Infinity;
    this.busy = false;
    waiting.push(this);
  }

  told(news) {
    this.since = performance.now();
    if (news === null) this.all = true;
    else for (const key of Object.values(news).flat()) this.keys.add(key);
    this.soon();
  }

  soon() {
    if (this.timer || this.busy || document.hidden || !signedIn || !(this.all || this.keys.size)) return;
    const wait = Math.max(WAIT_MS, this.last + this.pause - performance.now());
    this.timer = setTimeout(() => this.#go(), wait);
  }

  async #go() {
    this.timer = 0;
    if (document.hidden) return;
    const [keys, all] = [[...this.keys], this.all];
    this.keys.clear();
    this.all = false;
    this.busy = true;
    try {
      await this.read(keys, all, this.since);
    } catch {
      // The server is away: the stream says so, and tells of a gap or of the same rows afterwards.
      for (const key of keys) this.keys.add(key);
      this.all ||= all;
      this.last = performance.now() + 5_000;
    } finally {
      this.busy = false;
      this.last = Math.max(this.last, performance.now());
      this.soon();
    }
  }
}

let reading = { began: -Infinity, page: null };

/** The whole page as it is now. Parts that have changed together share one request, if it began after they did. */
function wholePage(since) {
  if (!(reading.page && reading.began >= since)) {
    const page = part(here());
    reading = { began: performance.now(), page };
    page.catch(() => {}).finally(() => {
      if (reading.page === page) reading = { began: -Infinity, page: null };
    });
  }
  return reading.page;
}

function keyed(table) {
  return new Map([...table.querySelectorAll("tr[data-key]")].map((row) => [row.dataset.key, row]));
}

function here() {
  const url = new URL(location.href);
  url.hash = "";
  return url;
}

function liveTable(table) {
  const newer = new Set();
  const chip = document.createElement("button");
  chip.type = "button";
  chip.className = "chip on live-new";
  chip.hidden = true;
  chip.addEventListener("click", () => {
    const url = here();
    url.searchParams.delete("after");
    location.assign(url);
  });
  (table.closest(".table-box") ?? table).before(chip);
  const replace = (found) => {
    const old = keyed(table);
    const first = old.values().next().value?.dataset.order ?? "";
    for (const row of found) {
      const known = old.get(row.dataset.key);
      if (known) swap(known, row);
      else if (!first || !row.dataset.order || row.dataset.order > first) newer.add(row.dataset.key);
    }
    if (!newer.size || here().searchParams.has("after")) return;
    chip.textContent = `${newer.size} new`;
    chip.hidden = false;
    say(`${newer.size} new in this list`);
  };
  const some = async (keys, all) => {
    const asked = all ? [...keyed(table).keys()] : keys;
    for (let at = 0; at < asked.length; at += ROWS_AT_ONCE) {
      const url = here();
      for (const key of asked.slice(at, at + ROWS_AT_ONCE)) url.searchParams.append("rows", key);
      const text = await part(url);
      if (text === null) return;
      replace(rows(text));
    }
  };
  const whole = async (keys, all, since) => {
    const text = await wholePage(since);
    if (text === null) return;
    const same = [...fragment(text).querySelectorAll("table[data-live]")][number(table, "table[data-live]")];
    if (same) replace(keyed(same).values());
  };
  const reader = new Reader("rows" in table.dataset ? some : whole, "rows" in table.dataset ? 500 : PAGES_MS);
  const topics = table.dataset.live.split(",");
  subscribe(topics, (news) => {
    if (news === null || "rows" in table.dataset || here().searchParams.has("after") === false) reader.told(news);
    else if (Object.values(news).flat().some((key) => shows(table, key))) reader.told(news);
  });
}

/** Whether a table shows a row, or rows that belong to it (`x/main` and `x/main/uploads`). */
function shows(table, key) {
  for (const known of keyed(table).keys()) if (known === key || known.startsWith(`${key}/`)) return true;
  return false;
}

function number(one, selector) {
  return [...document.querySelectorAll(selector)].indexOf(one);
}

/** Puts a row in the place of an older one; what is ticked, chosen or focused stays so. */
function swap(old, row) {
  const fresh = document.importNode(row, true);
  localTimes(fresh);
  elapsed(fresh);
  const boxes = [...old.querySelectorAll("input[type=checkbox]")];
  [...fresh.querySelectorAll("input[type=checkbox]")].forEach((box, at) => {
    box.checked = boxes[at]?.checked ?? false;
  });
  if (old.hasAttribute("aria-selected")) fresh.setAttribute("aria-selected", old.getAttribute("aria-selected"));
  if (!old.isEqualNode(fresh)) takesPlaceOf(old, fresh);
}

/** The same thing in it keeps the focus. */
function takesPlaceOf(old, fresh) {
  const inside = focusable(old).indexOf(document.activeElement);
  old.replaceWith(fresh);
  if (inside >= 0) focusable(fresh)[inside]?.focus({ preventScroll: true });
  fresh.dispatchEvent(new CustomEvent("reelwright:replaced", { bubbles: true }));
}

function focusable(element) {
  return [...element.querySelectorAll("a, button, input, select, textarea, summary")];
}

function livePart(element) {
  const { id } = element;
  const reader = new Reader(async (keys, all, since) => {
    const now = document.getElementById(id);
    if (!now || now.contains(document.activeElement) && /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) {
      reader.all = true; // somebody types in it
      return;
    }
    const text = await wholePage(since);
    if (text === null) return;
    const same = fragment(text).querySelector(`#${CSS.escape(id)}`);
    if (!same) {
      if ("instead" in now.dataset) location.reload(); // something else stands in its place now
      return;
    }
    const fresh = document.importNode(same, true);
    localTimes(fresh);
    elapsed(fresh);
    takesPlaceOf(now, fresh);
  }, PAGES_MS);
  const { of } = element.dataset;
  const mine = (key) => key === of || key.startsWith(`${of}/`);
  subscribe(element.dataset.live.split(","), (news) => {
    if (news === null || !of || Object.values(news).flat().some(mine)) reader.told(news);
  });
  if (!element.dataset.every) return;
  const turns = setInterval(() => {
    if (document.getElementById(id)?.dataset.every) reader.told(null);
    else clearInterval(turns);
  }, 1_000 * element.dataset.every);
}

for (const element of document.querySelectorAll("[data-live]")) {
  if (element instanceof HTMLTableElement) liveTable(element);
  else if (element.id) livePart(element);
}
