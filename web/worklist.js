// What waits for the reader, live: new measurements, late ones, drafts, reports to sign, and those signed lately.

import * as api from "./api.js";
import { h } from "./dom.js";
import { follow } from "./live.js";
import { boxes } from "./outbox.js";
import { titleOf } from "./titles.js";
import "./texts-start.js";
import { language, t } from "./strings.js";
import { ALWAYS, LISTS, MORE, PERIODS, count, load, remember, remembered, showOrder } from "./worklist-data.js";
import { place, sectionOf } from "./worklist-rows.js";

const PAUSE = 150; // ms after the last key, and after an event
const OPENS = "[data-row] th :is(a, button)";

class Worklist extends HTMLElement {
  /** What becomes of a study whose template the reader wants to choose. @type {(study: any) => void} */
  choose = () => {};
  /** @type {Promise<any[]>|null} */ listed = null;
  text = "";
  filters = remembered();
  /** Account of who is signed in, "" where nobody has to, null as long as it is not known. @type {string|null} */
  me = null;
  /** @type {any[]} */ #templates = [];
  /** How many entries of each list were asked for. @type {Record<string, number>} */ #shown = {};
  #asked = 0;
  #timer = 0;
  #begun = false;
  /** What comes after the next answer: the list that is read on, and where; or the first hit. @type {any} */ #then = null;

  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.#frame();
    showOrder(this.filters.sort);
    document.addEventListener("mrrt:language", () => (this.#frame(), this.#draw()), { signal });
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    document.addEventListener("mrrt:titles", () => this.#draw(), { signal });
    document.addEventListener("mrrt:session", () => this.#whoseIsIt(), { signal });
    follow(() => this.#soon(), signal);
    this.listed?.then((found) => ((this.#templates = found.filter((one) => one.title)), this.#choices()), () => null);
    this.#whoseIsIt();
    this.#flush();
  }

  disconnectedCallback() {
    this.listening.abort();
    clearTimeout(this.#timer);
  }

  async #whoseIsIt() {
    try {
      const { name, methods } = await api.session();
      this.me = methods.length ? name ?? "" : "";
    } catch (error) {
      return this.#fail(error);
    }
    this.#choices();
    return this.#load();
  }

  #frame() {
    const typed = (event) => {
      this.text = event.target.value;
      this.#shown = {};
      this.#then = null;
      this.#soon();
    };
    this.lists ??= h("div", { class: "lists" }, h("p", { class: "muted" }, t("loading")));
    this.say = h("p", { class: "visually-hidden", role: "status" });
    this.narrow = h("div", { class: "filters", role: "group", "aria-label": t("filters") });
    this.replaceChildren(h("section", { class: "recent", "aria-labelledby": "worklist-title" },
      h("div", { class: "worklist-head" }, h("h1", { id: "worklist-title", tabindex: "-1" }, t("worklist")),
        h("input", { type: "search", id: "search", "aria-label": t("searchLabel"), placeholder: t("search"), value: this.text, autocomplete: "off", oninput: typed }), h("kbd", {}, "/"),
        this.narrow),
      this.say, this.lists));
    this.#choices();
  }

  /** Only drafts of one's own, unless the reader says otherwise; without sign-in there is nobody else. */
  get #mine() {
    return Boolean(this.me) && (this.filters.mine ?? true);
  }

  #choices() {
    const focused = this.narrow.contains(document.activeElement) ? document.activeElement.id : "";
    const chosen = this.filters.template;
    const kinds = this.#templates.map((one) => [one.name, titleOf(one.name, one.title)]);
    if (chosen && !kinds.some(([name]) => name === chosen)) kinds.push([chosen, chosen]);
    const pick = (id, label, options, selected, take) => h("select", { id, class: "quiet", "aria-label": label, onchange: (event) => this.#filter(take(event.target.value)) },
      options.map(([value, text]) => h("option", { value, selected: value === selected }, text)));
    this.narrow.replaceChildren(
      pick("kind", t("template"), [["", t("allTemplates")], ...kinds], chosen, (template) => ({ template })),
      pick("period", t("period"), Object.entries(PERIODS).map(([days, text]) => [days, t(text)]), String(this.filters.days), (days) => ({ days: Number(days) })),
      ...(this.me ? [h("label", { class: "mine" }, h("input", { type: "checkbox", id: "mine", checked: this.#mine, onchange: (event) => this.#filter({ mine: event.target.checked }) }), t("onlyMine"))] : []));
    if (focused) /** @type {HTMLElement} */ (this.narrow.querySelector(`#${focused}`))?.focus();
  }

  #filter(change) {
    Object.assign(this.filters, change);
    remember(this.filters);
    this.#shown = {};
    this.#load();
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(), PAUSE);
  }

  async #load() {
    clearTimeout(this.#timer);
    if (this.me === null) return this.#whoseIsIt();
    const asked = (this.#asked += 1);
    const text = this.text.trim();
    const { template, days, sort } = this.filters;
    try {
      const found = await load({ q: text, mine: this.#mine, days, ...(template && { template }), ...(sort && { sort }) }, this.#shown);
      if (asked !== this.#asked || !this.isConnected) return undefined;
      Object.assign(this, { found, foundFor: text, failure: "" });
      return this.#draw(true);
    } catch (error) {
      return asked === this.#asked && this.#fail(error);
    }
  }

  #fail(error) {
    this.#then = null;
    this.failure = t("failed", { detail: error.status === 0 ? t("serverAway") : error.message });
    this.#draw();
  }

  #draw(isNew = false) {
    const failure = this.failure && h("p", { class: "failure", role: "alert" }, this.failure);
    if (!this.found) return failure && this.lists.replaceChildren(failure);
    if (this.#isBehind(isNew)) return undefined;
    const back = this.#keep();
    const acts = { start: (study, button) => this.#start(study, button), choose: (study) => this.choose(study), more: (name) => this.#more(name), me: this.me, sort: this.filters.sort, sortBy: (sort) => this.#filter({ sort }) };
    const title = (name) => t(name === "drafts" && this.#mine ? "list_mine" : `list_${name}`);
    const there = LISTS.filter((name) => this.found[name].items.length || this.found[name].next);
    const sections = there.map((name) => sectionOf(name, this.found[name], title(name), acts));
    this.lists.replaceChildren(...[failure, this.#unsent(), ...(sections.length ? sections : this.#nothing())].filter(Boolean));
    this.say.textContent = t("oneLine", { n: count(...there.map((name) => this.found[name])) });
    if (!isNew || !this.#goOn()) back();
    this.#begun = true;
  }

  /** Below a window nothing is made anew before it closes and has given the focus back to a row. */
  #isBehind(isNew) {
    const over = document.querySelector("dialog[open]");
    over?.addEventListener("close", () => this.isConnected && this.#draw(isNew), { once: true });
    return Boolean(over);
  }

  #nothing() {
    const widen = () => {
      this.#filter({ template: "", days: ALWAYS, ...(this.me && { mine: false }) });
      this.#choices();
      /** @type {HTMLElement} */ (this.querySelector("#search")).focus();
    };
    const narrow = this.filters.template || this.filters.days < ALWAYS || this.#mine;
    return [h("p", { class: "muted" }, this.foundFor ? t("nothingMatches", { text: this.foundFor }) : t("nothingWaits")),
      narrow && h("button", { type: "button", class: "small", id: "widen", onclick: widen }, t("widen"))];
  }

  /** Note which entry has the focus and where it stands; returns what brings both back after the entries were made anew. */
  #keep() {
    const active = /** @type {HTMLElement|null} */ (document.activeElement);
    const row = /** @type {HTMLElement|null} */ (active?.closest("[data-row]"));
    const list = active?.dataset.list;
    if (active?.matches(".sort")) return () => /** @type {HTMLElement} */ (this.querySelector(`#${active.id}`) ?? this.querySelector("#search")).focus({ preventScroll: true });
    if (!this.lists.contains(active) || (!row && !list)) {
      const isIdle = active === document.body || active === null;
      return () => !this.#begun && isIdle && this.#opens()[0]?.focus({ preventScroll: true }); // what waits most: one key
    }
    const [, id] = row?.dataset.row.split(" ") ?? [];
    const at = this.#rows().indexOf(row);
    const top = active.getBoundingClientRect().top;
    return () => {
      const rows = this.#rows();
      const same = rows.find((one) => one.dataset.row === row?.dataset.row) ?? rows.find((one) => id && one.dataset.row.endsWith(` ${id}`));
      const other = list ? this.lists.querySelector(`.${list} .more`) ?? rows.findLast((one) => one.closest(`.${list}`)) : rows[Math.min(at, rows.length - 1)];
      const next = same ?? other;
      const control = next?.querySelector(active.matches(".other") ? ".other" : "th :is(a, button)") ?? next ?? this.querySelector("#search");
      control.focus({ preventScroll: true });
      window.scrollBy(0, control.getBoundingClientRect().top - top);
    };
  }

  /** Do what was waiting for this answer; tells whether there was something. */
  #goOn() {
    const { list, at, text } = this.#then ?? {};
    if (list) this.#then = null;
    const row = list && this.#rows().filter((one) => one.closest(`.${list}`))[at];
    if (row) row.querySelector("th :is(a, button)").focus();
    if (list || text === undefined || text !== this.foundFor) return Boolean(row);
    this.#then = null;
    this.#first();
    return true;
  }

  /** To the first hit, and into it if it is the only one. */
  #first() {
    const [first, another] = this.#opens();
    first?.focus();
    if (!another) first?.click();
  }

  #more(list) {
    const at = this.found[list].items.length;
    this.#shown[list] = at + MORE;
    this.#then = { list, at };
    this.#load();
  }

  /** Make the report that fits best, and open it. */
  async #start(study, button) {
    if (this.starting) return;
    this.starting = true;
    button.setAttribute("aria-busy", "true");
    try {
      const documents = (await api.documentsOf(study.study_instance_uid)).map((one) => one.sop_instance_uid);
      const report = await api.create(study.template.template, documents, language());
      location.hash = place(report.id);
    } catch (error) {
      this.#fail(error);
    }
    this.starting = false;
  }

  /** What was typed in this browser and is not in its report. */
  #unsent() {
    const waiting = new Map();
    for (const box of boxes()) waiting.set(box.report, (waiting.get(box.report) ?? 0) + box.entries.length);
    if (!waiting.size) return null;
    return h("section", { class: "list unsent", "aria-labelledby": "unsent-title" }, h("h2", { id: "unsent-title" }, t("unsentTitle")),
      h("ul", {}, [...waiting].map(([id, n]) => h("li", {}, h("a", { href: place(id) }, t("unsent", { n }))))));
  }

  async #flush() {
    if (!boxes().length) return;
    const { flush } = await import("./flush.js");
    await flush(() => this.isConnected && this.#soon());
  }

  #rows() {
    return /** @type {HTMLElement[]} */ ([...this.lists.querySelectorAll("[data-row]")]);
  }

  #opens(also = "") {
    return /** @type {HTMLElement[]} */ ([...this.lists.querySelectorAll(OPENS + also)]);
  }

  #onKey(event) {
    if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const search = /** @type {HTMLInputElement} */ (this.querySelector("#search"));
    const isTyping = event.target.matches?.("input:not([type=checkbox]), textarea, select");
    if (event.key === "/" && !isTyping) {
      event.preventDefault();
      search.select();
      search.focus();
    }
    if (event.key === "Enter") this.#onEnter(event, search);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isHere = event.target === search || event.target === document.body || this.contains(event.target);
    if (!step || !isHere || (isTyping && event.target !== search)) return;
    event.preventDefault();
    const stops = this.#opens(", .more");
    const row = event.target.closest?.("[data-row]");
    const at = stops.findIndex((one) => one === event.target || (row && one.closest("[data-row]") === row));
    if (at <= 0 && step < 0) search.focus();
    else stops[Math.min(stops.length - 1, at + step)]?.focus();
  }

  /** In the search: to the first hit, as soon as it is known. With Shift on a new study: another template. */
  #onEnter(event, search) {
    if (event.target === search) {
      event.preventDefault();
      this.#then = { text: this.text.trim() };
      if (this.foundFor !== this.#then.text) this.#load();
      else this.#goOn();
    } else if (event.shiftKey && event.target.closest?.(".unreported [data-row]")) {
      event.preventDefault();
      event.target.closest("[data-row]").querySelector(".other").click();
    }
  }
}

customElements.define("mrrt-worklist", Worklist);
