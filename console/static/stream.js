// One stream of news for whoever joins it: in a SharedWorker for all tabs of the browser, or in the page where there are
// no such workers. It hears all topics; each member is told of its own. Without a member that is seen there is no stream.

const CLOSE_AFTER_MS = 5_000;
const AGAIN_AFTER_MS = 3_000;
const SILENT_MS = 150_000;
const KEPT = 2_000;
const KEPT_MS = 600_000;
const SLACK_MS = 5_000;

export class Stream {
  /** `url` is that of `/events`. */
  constructor(url) {
    this.url = url;
    this.members = new Map();
    this.source = null;
    this.state = {};
    this.mark = "";
    this.kept = []; // what was heard since `from`, for pages that were read meanwhile
    this.from = Infinity;
    setInterval(() => this.#dropSilent(), 60_000);
  }

  /** `tell` is called with `{news}`, `{reset}`, `{state}` or `{signedOut}`. The member's page was read `seconds` ago. */
  join(member, topics, seconds, tell) {
    const joined = { topics: new Set(topics), tell, seen: true, at: Date.now() };
    const again = this.members.has(member);
    this.members.set(member, joined);
    clearTimeout(this.closing);
    if (this.from === Infinity) this.from = Date.now() - 1_000 * seconds;
    else if (!again) this.#catchUp(joined, Date.now() - 1_000 * seconds - SLACK_MS);
    if (!this.source) this.#open(seconds);
    if (Object.keys(this.state).length) tell({ state: this.state });
  }

  /** The member can be seen, or cannot. */
  show(member, seen) {
    const one = this.members.get(member);
    if (!one) return;
    one.seen = seen;
    one.at = Date.now();
    this.#needed();
  }

  /** The member is still there. */
  here(member) {
    const one = this.members.get(member);
    if (one) one.at = Date.now();
  }

  leave(member) {
    this.members.delete(member);
    this.#needed();
  }

  #needed() {
    clearTimeout(this.closing);
    if (![...this.members.values()].some((one) => one.seen)) {
      this.closing = setTimeout(() => this.#close(), CLOSE_AFTER_MS);
    } else if (!this.source) {
      this.#open(0);
    }
  }

  #open(seconds) {
    this.#close();
    const url = new URL(this.url);
    if (this.mark) url.searchParams.set("after", this.mark);
    else url.searchParams.set("ago", Math.min(3_600, seconds).toFixed(1));
    const source = new EventSource(url);
    this.source = source;
    source.onopen = () => this.#changed("stream", "");
    source.onmessage = (event) => this.#heard(event, JSON.parse(event.data));
    source.addEventListener("reset", (event) => {
      this.mark = event.lastEventId || this.mark;
      this.kept = [];
      this.from = Date.now();
      this.#tell({ reset: true });
    });
    source.addEventListener("state", (event) => {
      const { stream } = this.state;
      this.state = { ...JSON.parse(event.data), ...(stream && { stream }) };
      this.#tell({ state: this.state });
    });
    source.addEventListener("signed-out", () => this.#signedOut());
    source.onerror = () => this.#broken(source);
  }

  #close() {
    clearTimeout(this.again);
    this.source?.close();
    this.source = null;
  }

  #heard(event, news) {
    const now = Date.now();
    this.mark = event.lastEventId;
    this.kept.push({ at: now, news });
    while (this.kept.length > KEPT || this.kept[0]?.at < now - KEPT_MS) this.from = this.kept.shift().at;
    this.#tell({ news });
  }

  #tell(message) {
    for (const one of this.members.values()) tellOf(one, message);
  }

  #changed(name, trouble) {
    if ((this.state[name] ?? "") === trouble) return;
    this.state = { ...this.state, [name]: trouble };
    if (!trouble) delete this.state[name];
    this.#tell({ state: this.state });
  }

  /** EventSource connects again by itself after a break, but not after an answer that is none; nor does it say why. */
  async #broken(source) {
    if (source !== this.source) return;
    this.#changed("stream", "the connection is broken");
    if (source.readyState !== EventSource.CLOSED) return;
    const status = await this.#session();
    if (source !== this.source) return;
    if ([204, 401, 403].includes(status)) this.#signedOut();
    else this.again = setTimeout(() => source === this.source && this.#open(0), AGAIN_AFTER_MS);
  }

  async #session() {
    const asked = { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store" };
    try {
      const answer = await fetch(`${this.url}/session`, asked);
      return answer.type === "opaqueredirect" ? 401 : answer.status;
    } catch {
      return 0;
    }
  }

  #signedOut() {
    this.#close();
    this.mark = "";
    this.kept = [];
    this.from = Infinity;
    this.state = {};
    this.#tell({ signedOut: true });
  }

  /** What has come since the page of a new member was read. */
  #catchUp(one, since) {
    if (since < this.from - SLACK_MS) {
      one.tell({ reset: true });
      return;
    }
    for (const { at, news } of this.kept) if (at >= since) tellOf(one, { news });
  }

  /** A tab that has crashed did not say that it goes. */
  #dropSilent() {
    for (const [member, one] of this.members) if (one.seen && one.at < Date.now() - SILENT_MS) this.leave(member);
  }
}

function tellOf(one, message) {
  if (!message.news) {
    one.tell(message);
    return;
  }
  const mine = Object.entries(message.news).filter(([topic]) => one.topics.has(topic));
  if (mine.length) one.tell({ news: Object.fromEntries(mine) });
}
