// One review: players that seek together, keys, who else has it open, and the next one fetched ahead.
import { fragment, localTimes, part, say } from "./dom.js";
import { keys } from "./keys.js";
import { subscribe } from "./live.js";

const BEAT_MS = 30_000;
const FRESH_MS = 120_000;
const HEAD_BYTES = 262_144;
const ahead = new Map();
let root;
let active;

function enter() {
  root = document.getElementById("review");
  if (!root) return;
  document.title = document.title.replace(/^.*(?= · )/s, () => root.dataset.title);
  active = null;
  for (const video of players()) {
    video.addEventListener("play", () => choose(video));
    video.addEventListener("timeupdate", () => video === active && follow());
  }
  if (players().length) choose(players()[0]);
  for (const box of root.querySelectorAll("input[name=scene]")) box.addEventListener("change", tellTicked);
  tellTicked();
  localTimes(root);
  hold();
  const idle = globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 500));
  idle(() => fetchAhead(root.dataset.next));
}

const players = () => [...root.querySelectorAll(".player video")];
const stops = () => [...root.querySelectorAll(".stop")];

function choose(video) {
  for (const other of players()) {
    if (other !== video) other.pause();
    other.closest(".player").classList.toggle("on", other === video && players().length > 1);
  }
  active = video;
}

function toggle() {
  if (active) return active.paused ? play(active) : active.pause();
  play(root.querySelector("audio"));
}

function seek(number) {
  const stop = root.querySelector(`.stop[data-scene="${number}"]`);
  if (!stop) return;
  if (stop.dataset.seek === undefined || !active) {
    document.getElementById(`scene-${number}`)?.scrollIntoView({ block: "start" });
    return;
  }
  // All formats go there, so that the still pictures can be compared.
  for (const video of players()) video.currentTime = Number(stop.dataset.seek) + 0.05;
  mark(stop);
}

function follow() {
  mark(stops().filter((stop) => Number(stop.dataset.seek) <= active.currentTime).at(-1));
}

function mark(stop) {
  if (!stop || stop.hasAttribute("aria-current")) return;
  for (const other of stops()) other.removeAttribute("aria-current");
  for (const other of root.querySelectorAll(".scene.current")) other.classList.remove("current");
  stop.setAttribute("aria-current", "true");
  const strip = stop.closest(".strip");
  strip.scrollLeft = stop.parentElement.offsetLeft - strip.offsetLeft - strip.clientWidth / 3;
  document.getElementById(`scene-${stop.dataset.scene}`)?.classList.add("current");
}

function enlarge(player) {
  const large = player && !player.classList.contains("large");
  for (const other of root.querySelectorAll(".player")) {
    other.classList.toggle("large", large && other === player);
    other.querySelector(".larger")?.setAttribute("aria-pressed", String(large && other === player));
  }
}

function nextFormat() {
  const all = players();
  if (!all.length) return;
  const next = all[(all.indexOf(active) + 1) % all.length];
  const playing = !active.paused;
  next.currentTime = active.currentTime;
  choose(next);
  next.closest(".player").scrollIntoView({ block: "nearest", inline: "center" });
  if (playing) play(next);
}

function captions() {
  for (const video of players()) {
    for (const track of video.textTracks) track.mode = track.mode === "showing" ? "disabled" : "showing";
  }
}

function tellTicked() {
  const told = root.querySelector("#ticked");
  if (!told) return;
  const ticked = [...root.querySelectorAll("input[name=scene]:checked")].map((box) => box.value);
  told.textContent = ticked.length
    ? `Revise makes the picture${ticked.length > 1 ? "s" : ""} of scene ${ticked.join(", ")} anew.`
    : "Tick scenes in the script to have their pictures made anew.";
}

const form = () => root.querySelector("#decision");
const button = (key) => root.querySelector(`.decide-buttons [data-key="${key}"]`);

/** Whether anything but the thumbnail was changed since the page came. */
function isFilled() {
  return [...form().elements].some((one) => {
    if (one.type === "hidden" || one.name === "thumbnail" || one.tagName === "BUTTON") return false;
    return one.type === "checkbox" ? one.checked : one.type === "file" ? one.files.length > 0 : one.value !== one.defaultValue || one.name === "note" && one.value.trim();
  });
}

// What is posted cannot be taken back: a key chooses, Enter or the same key again decides.
function arm(key) {
  const chosen = button(key);
  if (!chosen) return;
  if (chosen.classList.contains("armed")) return form().requestSubmit(chosen);
  chosen.classList.add("armed");
  chosen.focus();
  chosen.addEventListener("blur", () => chosen.classList.remove("armed"), { once: true });
  say(`${chosen.value}: press Enter or ${key} again`);
}

async function hold() {
  if (!root?.dataset.open || document.hidden) return;
  const asked = root;
  try {
    const text = await part(asked.dataset.open, { method: "POST" });
    if (text === null || asked !== root) return;
    const place = root.querySelector("#open-by");
    const before = place.textContent.trim();
    place.replaceChildren(fragment(text));
    const now = place.textContent.trim();
    if (now && now !== before) say(now);
  } catch (error) {
    console.info(`who else has it open is not known: ${error.message}`); // a hint; the next beat asks again
  }
}

function leave() {
  if (root?.dataset.close) navigator.sendBeacon(root.dataset.close);
}

async function fetchAhead(url) {
  if (!url || ahead.has(url)) return;
  try {
    const text = await part(url);
    if (text === null) return;
    ahead.set(url, { text, at: Date.now() });
    const nodes = fragment(text);
    for (const image of nodes.querySelectorAll(".stop img")) new Image().src = image.src;
    for (const video of nodes.querySelectorAll(".player video")) {
      const answer = await fetch(video.src, { headers: { Range: `bytes=0-${HEAD_BYTES - 1}` } });
      await answer.arrayBuffer();
    }
  } catch (error) {
    console.info(`the next review was not fetched ahead: ${error.message}`); // it is loaded when it is opened
  }
}

function go(url) {
  if (!url) return say("there is no further review");
  const fetched = ahead.get(url);
  if (!fetched || Date.now() - fetched.at > FRESH_MS) return location.assign(url);
  leave();
  for (const video of players()) video.pause();
  const article = fragment(fetched.text).querySelector("#review");
  ahead.delete(url);
  root.replaceWith(article);
  history.pushState({}, "", url);
  enter();
  scrollTo(0, 0);
  article.querySelector("h1").focus();
}

/** What the page shows was decided, or is another by now: it says so, and changes nothing by itself. */
async function look() {
  const asked = root;
  const notice = asked.querySelector("#changed");
  if (!notice || document.hidden) return;
  try {
    const text = await part(asked.dataset.here);
    if (text === null || asked !== root) return;
    const now = fragment(text).querySelector("#review");
    if (now?.dataset.artifact === asked.dataset.artifact) return;
    notice.hidden = false;
    say(notice.textContent.trim());
  } catch (error) {
    console.info(`whether it has changed is not known: ${error.message}`); // a decision on it would be refused
  }
}

document.addEventListener("click", (event) => {
  const stop = event.target.closest?.(".stop");
  if (stop?.dataset.seek !== undefined && active) {
    event.preventDefault();
    seek(stop.dataset.scene);
  }
  // A revision says what should change: the note is where to begin.
  const pressed = event.target.closest?.('.decide-buttons [value="revise"]');
  if (pressed && !isFilled()) {
    event.preventDefault();
    form().querySelector("#note").focus();
  }
  const larger = event.target.closest?.(".larger");
  if (larger) enlarge(larger.closest(".player"));
  const step = event.target.closest?.("a[data-step]");
  if (step && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    go(step.getAttribute("href"));
  }
});

document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("#decision textarea, [form=decision]")) return;
  if (event.key === "Escape") event.target.blur();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form().requestSubmit(button("e"));
  }
});

document.addEventListener("visibilitychange", hold);
addEventListener("pagehide", leave);
addEventListener("popstate", () => location.reload());
setInterval(hold, BEAT_MS);

enter();
const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => ({
  key: String(number),
  does: `go to scene ${number}`,
  run: () => seek(number),
}));
const deciding = [
  { key: "a", does: "choose Approve; again or Enter: approve", run: () => arm("a") },
  { key: "e", does: "write what to revise; Ctrl and Enter there: revise", run: () => form()?.querySelector("#note").focus() },
  { key: "r", does: "choose Reject; again or Enter: reject", run: () => arm("r") },
];
const walking = [
  { key: "n", does: "next review", run: () => go(root.dataset.next) },
  { key: "p", does: "previous review", run: () => go(root.dataset.previous) },
];
if (root?.dataset.here) {
  subscribe(["reviews"], (news) => {
    if (news === null || news.reviews.includes(root.dataset.content)) look();
  });
}
if (root) {
  keys([
    ...(form() ? deciding : []),
    ...(root.dataset.here ? walking : []),
    { key: " ", does: "play or pause", run: space },
    { key: "f", does: "go on with the next format", run: nextFormat },
    { key: "l", does: "show this format larger", run: () => enlarge(active?.closest(".player")) },
    { key: "c", does: "captions on or off", run: captions },
    ...digits.slice(0, Math.max(stops().length, 1)),
  ]);
}

// On a button the key still presses it.
function space(event) {
  const pressed = event.target.closest?.("button, summary");
  if (pressed) pressed.click();
  else toggle();
}

/** Plays it, unless it is paused again before it has begun: that is no error. */
function play(media) {
  media?.play().catch((error) => {
    if (error.name !== "AbortError") throw error;
  });
}
