// The trial mode: what one visit to a report costs in time, keys and clicks. Nothing of what is typed, of whom, by whom.

import * as api from "./api.js";
import { h } from "./dom.js";
import { t } from "./strings.js";
import "./texts-trial.js";

const PAUSE = 30; // s: of a longer gap between two actions, no more counts as work
const EVERY = 15_000; // ms
const nameOf = (problem) => `${problem.rule} ${problem.field ?? ""} ${problem.message}`;

/**
 * Count a visit to an open report; a report that is signed ends it, and one that is opened again begins another.
 * @param {any} view the mrrt-report
 */
export function watch(view) {
  if (view.isFixed) {
    const over = view.visit;
    view.visit = null;
    return over?.end();
  }
  view.visit ??= new Visit(view.draft.report, view.listening.signal);
  view.visit.follow(view.draft);
  view.querySelector(".status-bar").append(h("p", { class: "trial muted" }, t("trialNotice")));
}

/** One visit: the server is told until the report is signed or left. */
class Visit {
  name = crypto.randomUUID();
  begun = performance.now();
  last = this.begun;
  active = 0;
  keystrokes = 0;
  clicks = 0;
  /** @type {Set<string>} */ shown = new Set();
  /** @type {Set<string>} */ heeded = new Set();
  /** @type {Set<string>} */ open = new Set();

  #ending = new AbortController();

  /** @param {import("./types.js").ReportView} report @param {AbortSignal} left when it is left */
  constructor(report, left) {
    const { signal } = this.#ending;
    this.path = `reports/${encodeURIComponent(report.id)}/visits/${this.name}`;
    const on = (target, type, act) => target.addEventListener(type, act, { signal, capture: true });
    on(document, "keydown", (event) => event.isTrusted && this.#act("keystrokes"));
    on(document, "pointerdown", (event) => event.isTrusted && this.#act("clicks"));
    on(document, "wheel", () => this.#pass());
    on(document, "visibilitychange", () => this.tell());
    on(window, "pagehide", () => this.tell());
    left.addEventListener("abort", () => this.end(), { signal });
    this.timer = setInterval(() => this.tell(), EVERY);
  }

  /** @param {import("./editing.js").Draft} draft */
  follow(draft) {
    this.#look(draft.report);
    draft.addEventListener("change", () => this.#look(draft.report));
  }

  #act(what) {
    this[what] += 1;
    this.#pass();
  }

  #pass() {
    const now = performance.now();
    this.active += Math.min((now - this.last) / 1000, PAUSE);
    this.last = now;
  }

  /** See which alerts came and which went. @param {import("./types.js").ReportView} report */
  #look({ problems, acknowledged }) {
    const now = new Set(problems.filter((one) => one.severity !== "information").map(nameOf));
    const answered = new Set(acknowledged.map(nameOf));
    for (const name of this.open) if (!now.has(name) && !answered.has(name)) this.heeded.add(name);
    for (const name of now) {
      this.shown.add(name);
      this.heeded.delete(name); // it is back
    }
    this.open = now;
  }

  get counted() {
    const { active, keystrokes, clicks, shown, heeded } = this;
    const now = performance.now();
    const seconds = (now - this.begun) / 1000;
    const round = (number) => Math.round(number * 10) / 10;
    return { seconds: round(seconds), active_seconds: round(active + Math.min((now - this.last) / 1000, PAUSE)), keystrokes, clicks, alerts_shown: shown.size, alerts_heeded: heeded.size };
  }

  /** What cannot be told now is told with the next message: each one says everything. */
  tell() {
    if (this.over) return null;
    return api.request(this.path, { ...api.sent("PUT", this.counted), keepalive: true }).catch(() => null);
  }

  /** The visit is over: the report was signed, or left. */
  end() {
    clearInterval(this.timer);
    const said = this.tell();
    this.over = true;
    this.#ending.abort();
    return said;
  }
}
