// What waits for the reader, live: new measurements, late ones, drafts, reports to sign, and those signed lately.

import * as api from "./api.js";
import { h, hiddenText } from "./dom.js";
import { day, moment, personName } from "./format.js";
import { follow } from "./live.js";
import { boxes } from "./outbox.js";
import { statusText } from "./report-header.js";
import { titleOf } from "./titles.js";
import "./texts-shared.js";
import "./texts-start.js";
import { language, t } from "./strings.js";

const PAUSE = 150; // ms after the last key, and after an event
const LISTS = ["unreported", "late", "drafts", "to_sign", "signed"];
const STATUS = { drafts: ["partial"], to_sign: ["preliminary"], signed: ["final", "amended", "corrected", "appended"] };
const documents = (n) => (n === 1 ? t("oneDocument") : t("documentsWaiting", { n }));
const several = (n) => n > 1 && documents(n);
const place = (id) => `#/reports/${encodeURIComponent(id)}`;

class Worklist extends HTMLElement {
  text = "";
  mine = localStorage.getItem("mrrt.mine") === "yes";
  #asked = 0;
  #timer = 0;

  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.#frame();
    document.addEventListener("mrrt:language", () => (this.#frame(), this.#draw()), { signal });
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    document.addEventListener("mrrt:titles", () => this.#draw(), { signal });
    follow(() => this.#soon(), signal);
    this.#load();
    this.#flush();
  }

  disconnectedCallback() {
    this.listening.abort();
    clearTimeout(this.#timer);
  }

  #frame() {
    const typed = (event) => {
      this.text = event.target.value;
      this.#soon();
    };
    const only = (event) => {
      this.mine = event.target.checked;
      localStorage.setItem("mrrt.mine", this.mine ? "yes" : "no");
      this.#load();
    };
    this.lists = h("div", { class: "lists" }, h("p", { class: "muted" }, t("loading")));
    this.say = h("p", { class: "visually-hidden", role: "status" });
    this.replaceChildren(h("section", { class: "recent", "aria-labelledby": "worklist-title" },
      h("div", { class: "worklist-head" }, h("h1", { id: "worklist-title", tabindex: "-1" }, t("worklist")),
        h("input", { type: "search", id: "search", "aria-label": t("searchLabel"), placeholder: t("search"), value: this.text, autocomplete: "off", oninput: typed }), h("kbd", {}, "/"),
        h("label", { class: "mine" }, h("input", { type: "checkbox", id: "mine", checked: this.mine, onchange: only }), t("onlyMine"))),
      this.say, this.lists));
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(), PAUSE);
  }

  async #load() {
    const asked = (this.#asked += 1);
    try {
      const found = await api.worklist(this.text.trim(), this.mine).catch((error) => (error.status === 404 ? this.#plain() : Promise.reject(error)));
      if (asked !== this.#asked || !this.isConnected) return;
      this.found = found;
      this.failure = "";
    } catch (error) {
      this.failure = t("failed", { detail: error.status === 0 ? t("serverAway") : error.message });
    }
    this.#draw();
  }

  /** A server without a worklist: its reports by what became of them. */
  async #plain() {
    const words = this.text.trim().toLowerCase();
    const has = (one) => [personName(one.patient_name), one.patient_id, one.accession_number].some((text) => text.toLowerCase().includes(words));
    const reports = (await api.reports()).filter(has);
    return Object.fromEntries(Object.entries(STATUS).map(([name, statuses]) => [name, { items: reports.filter((one) => statuses.includes(one.status)), next: null }]));
  }

  #draw() {
    if (!this.found) return this.failure && this.lists.replaceChildren(h("p", { class: "failure", role: "alert" }, this.failure));
    const focused = /** @type {any} */ (document.activeElement)?.closest?.("[data-row]")?.dataset.row;
    const sections = LISTS.filter((name) => this.found[name]?.items.length).map((name) => this.#section(name, this.found[name]));
    const nothing = h("p", { class: "muted" }, this.text.trim() ? t("nothingMatches", { text: this.text.trim() }) : t("nothingWaits"));
    const failure = this.failure && h("p", { class: "failure", role: "alert" }, this.failure);
    this.lists.replaceChildren(...[failure, this.#unsent(), ...(sections.length ? sections : [nothing])].filter(Boolean));
    this.say.textContent = t("oneLine", { n: this.#rows().length });
    if (focused) this.#rows().find((row) => row.dataset.row === focused)?.querySelector("a, button").focus();
    else if (!this.#begun && (document.activeElement === document.body || document.activeElement === null)) this.#first();
    this.#begun = true;
  }

  #begun = false;

  /** What waits most can be opened with the first key. */
  #first() {
    this.#rows()[0]?.querySelector("a, button").focus({ preventScroll: true });
  }

  #section(name, { items }) {
    const rows = items.map((one) => (name === "unreported" ? this.#study(one) : name === "late" ? this.#report(one.report, one.received_at, documents(one.documents)) : this.#report(one, one.updated_at)));
    return h("section", { class: `list ${name}`, "aria-labelledby": `list-${name}` },
      h("h2", { id: `list-${name}` }, t(`list_${name}`), h("span", { class: "count" }, String(items.length))),
      h("table", {}, h("thead", {}, h("tr", {}, ["patient", "measuredOn", "template", "status", "changedAt"].map((head) => h("th", { scope: "col" }, hiddenText(t(head)))))),
        h("tbody", {}, rows)));
  }

  #report(one, at, note) {
    const who = personName(one.patient_name) || one.patient_id || t("noName");
    return h("tr", { "data-row": one.id }, h("th", { scope: "row" }, h("a", { href: place(one.id) }, who), this.#about(one)),
      h("td", { class: "when" }, day(one.study_date)), h("td", {}, titleOf(one.template, one.template_title)),
      h("td", {}, h("span", { class: `status ${one.revision ? "partial" : one.status}` }, note ?? (one.revision ? t(`opened_${one.revision}`) : statusText(one.status)))),
      h("td", {}, h("time", { datetime: at }, moment(at))));
  }

  #study(one) {
    const who = personName(one.patient_name) || one.patient_id || t("noName");
    const start = (event) => this.#start(one, event.currentTarget);
    const title = one.template && titleOf(one.template.template, one.template.title ?? one.template.template);
    return h("tr", { "data-row": one.study_instance_uid }, h("th", { scope: "row" },
      one.template ? h("button", { type: "button", class: "link", "aria-label": `${who}: ${t("start", { template: title })}`, onclick: start }, who) : who, this.#about(one)),
    h("td", { class: "when" }, day(one.study_date)), h("td", {}, one.template ? title : h("span", { class: "muted" }, t("startNone"))),
    h("td", {}, h("span", { class: "muted" }, [one.device, several(one.documents)].filter(Boolean).join(" · "))),
    h("td", {}, h("time", { datetime: one.received_at }, moment(one.received_at))));
  }

  #about(one) {
    const parts = [one.patient_id, one.accession_number].filter(Boolean);
    return parts.length ? h("span", { class: "muted about" }, parts.join(" · ")) : null;
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
      this.failure = t("failed", { detail: error.status === 0 ? t("serverAway") : error.message });
      this.#draw();
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

  #onKey(event) {
    if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const search = this.querySelector("#search");
    const isTyping = event.target.matches?.("input:not([type=checkbox]), textarea, select");
    if (event.key === "/" && !isTyping) {
      event.preventDefault();
      /** @type {any} */ (search).select();
      /** @type {any} */ (search).focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isHere = event.target === search || event.target === document.body || this.contains(event.target);
    if (!step || !isHere || (isTyping && event.target !== search)) return;
    event.preventDefault();
    const links = this.#rows().map((row) => /** @type {HTMLElement} */ (row.querySelector("a, button"))).filter(Boolean);
    const at = links.indexOf(event.target);
    if (at === 0 && step < 0) /** @type {any} */ (search).focus();
    else links[Math.min(links.length - 1, at + step)]?.focus();
  }
}

customElements.define("mrrt-worklist", Worklist);
