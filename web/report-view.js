// One report: its form, where its values come from, what needs the reader, how it will read, and the signature.
import * as api from "./api.js";
import { itemsOf, withoutPlace } from "./attention.js";
import { h } from "./dom.js";
import { Draft } from "./editing.js";
import { buildForm } from "./form.js";
import * as outbox from "./outbox.js";
import { isTyped, valueText } from "./provenance.js";
import { Acts } from "./report-acts.js";
import { bannerOf, contextOf, pageTitle } from "./report-header.js";
import { hear } from "./report-news.js";
import { isOpen, standing } from "./report-state.js";
import { nextForm, takePlace } from "./reshape.js";
import { listen } from "./shortcuts.js";
import "./side-panel.js";
import { setLanguage, t } from "./strings.js";

const ANNOUNCED = 3; // more derived changes than this at once would be noise

/** Drafts with edits on their way, also of views that were left. @type {Map<string, Draft>} */
const drafts = new Map();
let isLeaving = false;
window.addEventListener("mrrt:leaving", () => (isLeaving = true));
window.addEventListener("beforeunload", (event) => {
  if (!isLeaving && [...drafts.values()].some((draft) => draft.hasUnsaved)) event.preventDefault();
});
window.addEventListener("pagehide", () => drafts.forEach((draft) => draft.commitAll()));

class ReportView extends HTMLElement {
  reportId = "";
  /** What an earlier tab could not send before the report was signed. @type {outbox.Kept[]} */ leftovers = [];
  /** What came after the report was made. @type {import("./attention.js").Item[]} */ late = [];
  get form() { return this.draft.form; }

  async connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.acts = new Acts(this);
    document.addEventListener("mrrt:language", () => {
      this.#relabel();
      if (this.offers?.firstChild) this.acts.look();
    }, { signal });
    window.addEventListener("beforeprint", () => this.side?.choose("document"), { signal });
    window.addEventListener("online", () => this.draft?.queue.retry(), { signal });
    listen(this.acts.keys(), signal);
    this.addEventListener("keydown", (event) => this.#choose(event), { signal });
    this.replaceChildren(h("p", { class: "muted loading" }, t("loading")));
    try {
      await drafts.get(this.reportId)?.stop();
      const isShown = hear(this, signal);
      const page = api.form(this.reportId);
      page.catch(() => null);
      await this.open(await api.report(this.reportId), page);
      isShown();
    } catch (error) {
      this.listening.abort();
      if (!error.detail && error.status === undefined) throw error;
      const text = error.status === 404 ? t("notFound") : t("failed", { detail: error.message || t("serverAway") });
      this.replaceChildren(h("div", { class: "failure loading", role: "alert" }, h("h1", {}, text)));
    }
  }

  /** Leaving now would leave something behind that is not in the report. */
  get isStuck() { return !this.isFixed && Boolean(this.draft?.isStuck); }

  disconnectedCallback() {
    this.listening.abort();
    this.draft?.commitAll(); // and goes on sending
    document.getElementById("context").replaceChildren();
  }

  /** Show a report, or the same one after something happened to it. @param {import("./types.js").ReportView} report */
  async open(report, form = api.form(report.id)) {
    const [page, kept] = await Promise.all([form, outbox.orphans(report.id)]);
    if (!this.isConnected) return;
    if (!this.draft) setLanguage(report.language);
    this.isFixed = !isOpen(report) || !api.may("write-reports");
    const { steps } = this.draft ?? {};
    this.draft = new Draft(report, this.#formOf(page, report));
    if (steps && !this.isFixed) this.draft.steps = steps;
    drafts.set(report.id, this.draft);
    this.draft.addEventListener("change", (event) => this.#changed(/** @type {any} */ (event).detail));
    this.draft.addEventListener("state", () => this.#saveState());
    this.draft.addEventListener("signed", () => this.draft.hasUnsaved || this.open(this.draft.report));
    this.#compose();
    this.#takeOver(kept);
    this.#relabel();
    this.#follow(null);
    this.side.refresh(report);
    this.acts.look();
    if (report.trial) (await import("./trial.js")).watch(this);
    this.heading.focus({ preventScroll: true });
  }

  /** Show what became of the report by a step of its own: in the same form, where that is still the right one. @param {import("./types.js").ReportView} report */
  async goOn(report) {
    const isSame = isOpen(report) && !this.isFixed && report.shape === this.form.shape && report.template.version === this.draft.report.template.version;
    if (!isSame) return this.open(report);
    this.draft.take(report);
    this.#relabel();
    this.offers.replaceChildren();
    this.acts.look(); // not waited for: a window that lies over what is new takes its keys
  }

  /** Send what earlier tabs left behind; what a signed report cannot take any more is shown. @param {outbox.Box[]} kept */
  #takeOver(kept) {
    const entries = kept.flatMap((box) => box.entries);
    if (this.isFixed) this.leftovers = entries;
    else this.draft.adopt(entries);
    if (this.isFixed && entries.length) this.forget = () => kept.forEach((box) => localStorage.removeItem(box.key));
    else outbox.forget(kept);
  }

  #compose() {
    this.heading = h("h1", { tabindex: "-1" });
    this.banner = h("div", { class: "banner" });
    this.offers = h("div", { class: "offers" });
    this.side = document.createElement("mrrt-side");
    this.source = document.createElement("mrrt-source");
    this.state = h("span", { class: "save-state", role: "status" });
    this.focused = undefined;
    this.news = h("span", { class: "visually-hidden", role: "status" });
    this.classList.toggle("signed", this.isFixed);
    this.replaceChildren(
      h("div", { class: "form-pane" }, this.heading, this.banner, this.offers, this.form.element),
      this.side,
      h("div", { class: "status-bar" }, this.source, this.state, this.news),
    );
    this.side.begin(this);
  }

  #listenTo(form) {
    const on = (name, act) => form.element.addEventListener(name, (event) => {
      const control = form.controlOf(event.target);
      if (control && form === this.form) act(control, event); // a form that goes loses its focus, and that is no news
    });
    on("focusin", (control) => this.#showSource(control));
    if (this.isFixed) return;
    const isText = (target) => target.matches("textarea, input:not([type=checkbox], [type=radio])");
    on("input", (control, event) => isText(event.target) && this.draft.typing(control));
    on("change", (control) => {
      control.summarise();
      this.draft.commit(control);
    });
    on("focusout", (control) => {
      this.draft.commit(control);
      this.draft.steps.seal();
    });
    on("keydown", (control, event) => {
      if (event.key === "Enter" && event.target.tagName === "INPUT" && !event.ctrlKey && !event.metaKey) this.draft.commit(control);
    });
  }

  // -- what is shown

  #relabel() {
    if (!this.draft) return;
    const { report } = this.draft;
    this.form.relabel();
    this.heading.textContent = this.title;
    document.title = pageTitle(report, this.title);
    this.#head();
    for (const [key, control] of this.form.controls) if (!control.isDirty && !this.draft.unsaved.has(key)) control.show(report.values[key]);
    this.side.relabel();
    this.#showSource(this.focused);
    this.showAttention();
    this.#saveState();
  }

  #head() {
    const { report } = this.draft;
    this.standing = standing(report);
    this.banner.replaceChildren(...bannerOf(report, this.leftovers, this.label, this.acts));
    document.getElementById("context").replaceChildren(...contextOf(report, this.acts.waysToSign.length ? () => this.acts.review() : null, () => this.acts.palette()));
  }

  /** Name of the template in the language of the page. */
  get title() { return this.page.translations[document.documentElement.lang] ?? this.draft.report.template.title; }

  /** What the page calls a field. */
  label = (key) => this.form.controls.get(key)?.label || key;

  #showSource(control) {
    this.focused = control;
    this.side.focus(control);
    if (!control) return this.source.show(null);
    const { report, unsaved: { refused, conflicts } } = this.draft;
    const view = report.values[control.key];
    const canTakeBack = !this.isFixed && (isTyped(view) || refused.has(control.key));
    return this.source.show({
      label: control.label,
      view, report, key: control.key,
      explanation: report.explanations[control.key],
      required: report.required.includes(control.key) || control.field.required,
      message: refused.get(control.key)?.message ?? (conflicts.has(control.key) ? t("conflict", { label: control.label }) : ""),
      controlOf: (key) => this.form.controls.get(key),
      isShown: () => this.side.open === "source",
      takeBack: canTakeBack ? () => this.takeBack(control) : null,
    });
  }

  /** What needs the reader, ranked. */
  items() {
    return itemsOf(this.draft, this.label, { resolve: (field, keepMine) => this.#resolve(field, keepMine), acknowledge: (alert) => this.acts.acknowledge(alert) }, this.late);
  }

  showAttention() {
    if (this.isFixed) return;
    const assign = (one) => this.acts.assign(one);
    this.side.attention.show(this.items(), withoutPlace(this.draft.report), (field) => this.go(field), assign);
  }

  #saveState() {
    const { unsaved } = this.draft.queue;
    const { state } = this.draft;
    const n = unsaved.length === 1 ? t("oneEdit") : t("edits", { n: unsaved.length });
    const text = this.isFixed ? "" : t(state, { n });
    this.state.dataset.state = state;
    this.classList.toggle("behind", this.draft.queue.state !== "saved"); // what is calculated belongs to what was there before
    if (this.state.textContent !== text) this.state.textContent = text;
  }

  // -- what happens

  #changed({ fields, by, before }) {
    const { report } = this.draft;
    const derived = fields.filter((key) => key !== by && [report.values, before].some((values) => values[key]?.provenance === "calculated"));
    if (derived.length) this.news.textContent = derived.slice(0, ANNOUNCED).map((key) => `${this.label(key)}: ${valueText(report.values[key])}`).join(". ");
    this.#showSource(this.focused);
    this.showAttention();
    this.#saveState();
    const isElsewhere = this.standing !== standing(report); // signed by somebody, or no more
    if (isElsewhere) this.#head();
    if (isElsewhere || fields.length) this.side.refresh(report);
    this.#follow(by);
  }

  /** Show the form that the report has, if it is another one than that in the page. @param {string|null} by */
  async #follow(by) {
    if (this.form.shape === this.draft.report.shape) return;
    if (this.draft.report.form_changed) this.changedBy = by; // later edits only came meanwhile
    const { draft } = this;
    if (this.reshaping) return;
    const page = await (this.reshaping = nextForm(draft, () => !this.isConnected || this.draft !== draft));
    this.reshaping = null;
    if (page) this.#reshape(page);
  }

  #reshape(page) {
    const form = this.#formOf(page, this.draft.report);
    const fresh = takePlace(this.draft, form, this.changedBy);
    this.#showSource(this.focused && form.controls.get(this.focused.key));
    this.showAttention();
    const names = fresh.slice(0, ANNOUNCED).map((control) => control.label).join(", ");
    this.news.textContent = t(names ? "formChangedNew" : "formChanged", { names });
  }

  #formOf(page, report) {
    this.page = page;
    const form = buildForm(page, report, this.isFixed);
    this.#listenTo(form);
    return form;
  }

  /** Lead the reader to a field. @param {string} field */
  go(field) { this.form.controls.get(field)?.focus(); }

  takeBack(control = this.focused) {
    if (!control || this.isFixed) return;
    this.draft.takeBack(control.key);
    control.focus();
  }

  /** Undo the last step, or do it again, and lead to its field. @param {"undo"|"redo"} which */
  step(which) {
    const field = this.isFixed ? null : this.draft.step(which);
    this.news.textContent = t(field ? `${which}ne` : `${which}Nothing`, { label: field && this.label(field) });
    if (field) this.go(field);
  }

  /** Alt and a number in a field that several measurements fit. @param {KeyboardEvent} event */
  #choose(event) {
    const number = event.altKey && !event.ctrlKey && !event.metaKey && /^Digit([1-9])$/.exec(event.code)?.[1];
    if (number && this.focused && this.side.attention.choose(this.focused.key, Number(number))) event.preventDefault();
  }

  #resolve(field, keepMine) {
    this.draft.resolve(field, keepMine);
    this.go(field);
  }
}

customElements.define("mrrt-report", ReportView);
