// What all modules share: the one Trusted Types policy, parts of pages as nodes, the live region.

const policy = globalThis.trustedTypes?.createPolicy("reelwright", {
  // Only what our own server has rendered, and has escaped, comes here.
  createHTML: (text) => text,
  createScriptURL: (url) => {
    if (new URL(url, location.href).origin !== location.origin) throw new TypeError(`not of this origin: ${url}`);
    return url;
  },
});

/** The nodes of a part of a page that our server has rendered. Scripts in it do not run. */
export function fragment(text) {
  const parsed = new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");
  const nodes = document.createDocumentFragment();
  nodes.append(...[...parsed.body.childNodes].map((node) => document.adoptNode(node)));
  return nodes;
}

/** The rows of a table's body that our server has rendered. */
export function rows(text) {
  return [...fragment(`<table><tbody>${text}</tbody></table>`).querySelectorAll("tr")];
}

/** The address of one of our own workers, as Trusted Types wants it. */
export function scriptUrl(url) {
  return policy ? policy.createScriptURL(url) : url;
}

/** Says something to people who cannot see it change. */
export function say(text) {
  const region = document.getElementById("news");
  if (region) region.textContent = text;
}

/** Fetches a part of a page. Null where the session has ended: the page says so then. */
export async function part(url, options = {}) {
  const answer = await fetch(url, { headers: { Accept: "text/html", "X-Part": "1" }, redirect: "manual", ...options });
  if (answer.type === "opaqueredirect" || answer.status === 401) {
    signedOut();
    return null;
  }
  if (!answer.ok) throw new Error(`${answer.status} ${url}`);
  return answer.text();
}

export function signedOut() {
  const notice = document.getElementById("signed-out");
  if (notice) notice.hidden = false;
}

/** Shows times in the viewer's zone; the title keeps UTC. */
export function localTimes(root = document) {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const time of root.querySelectorAll("time[datetime]:not([title])")) {
    if (!time.dateTime || time.dataset.zone) continue;
    time.title = time.textContent.trim();
    time.textContent = format.format(new Date(time.dateTime));
  }
}

/** "3 min 12 s" since each `data-since`, once a second while the page is seen. */
export function elapsed(root = document) {
  for (const one of root.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(one.dataset.since)) / 1000));
    const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
    one.textContent = days ? `${days} d ${hours} h` : hours ? `${hours} h ${minutes} min` : minutes ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
  }
}
