// One report: its form, where its values come from, what needs the reader, how it will read, and the signature.
import * as api from "./api.js";
import { itemsOf } from "./attention.js";
import { h } from "./dom.js";
import { Draft } from "./editing.js";
import { buildForm } from "./form.js";
import "./preview.js";
import { contextOf, pageTitle, signatureOf } from "./report-header.js";
import { isTyped, valueText } from "./provenance.js";
import { nextForm, takePlace } from "./reshape.js";
import { listen } from "./shortcuts.js";
import { reviewAndSign } from "./sign-dialog.js";
import { setLanguage, t } from "./strings.js";

const ANNOUNCED = 3; // more derived changes than this at once would be noise

/** Drafts with edits on their way, also of views that were left. @type {Set<Draft>} */
const drafts = new Set();
window.addEventListener("beforeunload", (event) => {
  if ([...drafts].some((draft) => draft.hasUnsaved)) event.preventDefault();
});

class ReportView extends HTMLElement {
  reportId = "";
  get form() { return this.draft.form; }

  async connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener("mrrt:language", () => this.#relabel(), { signal });
    window.addEventListener("online", () => this.draft?.queue.retry(), { signal });
    listen({ sign: () => this.#review(), next: () => this.attention?.next(), takeBack: () => this.#takeBack() }, signal);
    this.replaceChildren(h("p", { class: "muted loading" }, t("loading")));
    try {
      await this.#open(await api.report(this.reportId));
    } catch (error) {
      if (!error.detail && error.status === undefined) throw error;
      const text = error.status === 404 ? t("notFound") : t("failed", { detail: error.message || t("serverAway") });
      this.replaceChildren(h("p", { class: "failure loading", role: "alert" }, text));
    }
  }

  /** Leaving now would lose something. */
  get isStuck() {
    return !this.isSigned && Boolean(this.draft?.isStuck);
  }

  disconnectedCallback() {
    this.listening.abort();
    this.draft?.commitAll();
    if (this.draft?.isStuck) drafts.delete(this.draft); // the reader was asked, and left it behind
    document.getElementById("context").replaceChildren();
  }

  /** @param {import("./api.js").ReportView} report */
  async #open(report) {
    const page = await api.form(report.id);
    if (!this.isConnected) return;
    if (!this.draft) setLanguage(report.language);
    this.isSigned = report.status !== "partial";
    drafts.delete(this.draft);
    this.draft = new Draft(report, this.#formOf(page, report));
    drafts.add(this.draft);
    this.draft.addEventListener("change", (event) => this.#changed(/** @type {any} */ (event).detail));
    this.draft.addEventListener("state", () => this.#saveState());
    this.draft.addEventListener("signed", () => this.draft.hasUnsaved || this.#open(this.draft.report));
    this.#compose();
    this.#relabel();
    this.#follow(null);
    this.preview.refresh(report);
    this.heading.focus({ preventScroll: true });
  }

  #compose() {
    this.heading = h("h1", { tabindex: "-1" });
    this.banner = h("div", { class: "banner" });
    this.attention = document.createElement("mrrt-attention");
    this.preview = document.createElement("mrrt-preview");
    this.source = document.createElement("mrrt-source");
    this.state = h("span", { class: "save-state", role: "status" });
    this.focused = undefined;
    this.news = h("span", { class: "visually-hidden", role: "status" });
    this.classList.toggle("signed", this.isSigned);
    this.replaceChildren(
      h("div", { class: "form-pane" }, this.heading, this.banner, this.form.element),
      h("div", { class: "side-pane" }, this.isSigned ? null : this.attention, this.preview),
      h("div", { class: "status-bar" }, this.source, this.state, this.news),
    );
  }

  #listenTo(form) {
    const on = (name, act) => form.element.addEventListener(name, (event) => {
      const control = form.controlOf(event.target);
      if (control && form === this.form) act(control, event); // a form that goes loses its focus, and that is no news
    });
    on("focusin", (control) => this.#showSource(control));
    if (this.isSigned) return;
    const isText = (target) => target.matches("textarea, input:not([type=checkbox], [type=radio])");
    on("input", (control, event) => isText(event.target) && this.draft.typing(control));
    on("change", (control) => {
      control.summarise();
      this.draft.commit(control);
    });
    on("focusout", (control) => this.draft.commit(control));
    on("keydown", (control, event) => {
      if (event.key === "Enter" && event.target.tagName === "INPUT" && !event.ctrlKey && !event.metaKey) this.draft.commit(control);
    });
  }

  // -- what is shown

  #relabel() {
    if (!this.draft) return;
    const { report } = this.draft;
    this.form.relabel();
    this.heading.textContent = this.#title();
    document.title = pageTitle(report, this.#title());
    this.preview.title = t(this.isSigned ? "documentSigned" : "document");
    this.banner.replaceChildren(...(this.isSigned ? signatureOf(report) : []));
    document.getElementById("context").replaceChildren(...contextOf(report, this.isSigned ? null : () => this.#review()));
    for (const [key, control] of this.form.controls) {
      if (!this.draft.queue.has(key) && !control.isDirty) control.show(report.values[key]);
    }
    this.#showSource(this.focused);
    this.#showAttention();
    this.#saveState();
  }

  #title() {
    return this.page.translations[document.documentElement.lang] ?? this.draft.report.template.title;
  }

  #label = (key) => this.form.controls.get(key)?.label || key;

  #showSource(control) {
    this.focused = control;
    if (!control) return this.source.show(null);
    const { report, refused, conflicts } = this.draft;
    const view = report.values[control.key];
    const canTakeBack = !this.isSigned && (isTyped(view) || refused.has(control.key));
    return this.source.show({
      label: control.label,
      view, report, key: control.key,
      explanation: report.explanations[control.key],
      required: report.required.includes(control.key) || control.field.required,
      message: refused.get(control.key)?.message ?? (conflicts.has(control.key) ? t("conflict", { label: control.label }) : ""),
      labelOf: (key) => this.form.controls.get(key)?.label ?? "", controlOf: (key) => this.form.controls.get(key),
      takeBack: canTakeBack ? () => this.#takeBack(control) : null,
    });
  }

  #items() {
    return itemsOf(this.draft, this.#label, (field, keepMine) => this.#resolve(field, keepMine));
  }

  #showAttention() {
    if (!this.isSigned) this.attention.show(this.#items(), this.draft.report.unmatched, (field) => this.#go(field));
  }

  #saveState() {
    const { state, unsaved } = this.draft.queue;
    const n = unsaved.length === 1 ? t("oneEdit") : t("edits", { n: unsaved.length });
    const text = this.isSigned ? "" : t(state, { n });
    this.state.dataset.state = state;
    if (this.state.textContent !== text) this.state.textContent = text;
  }

  // -- what happens

  #changed({ fields, by }) {
    const { report } = this.draft;
    const derived = fields.filter((key) => key !== by && report.values[key]?.provenance === "calculated");
    this.news.textContent = derived.slice(0, ANNOUNCED).map((key) => `${this.#label(key)}: ${valueText(report.values[key])}`).join(". ");
    this.#showSource(this.focused);
    this.#showAttention();
    if (fields.length) this.preview.refresh(report);
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
    this.#showAttention();
    const names = fresh.slice(0, ANNOUNCED).map((control) => control.label).join(", ");
    this.news.textContent = t(names ? "formChangedNew" : "formChanged", { names });
  }

  #formOf(page, report) {
    this.page = page;
    const form = buildForm(page, report, this.isSigned);
    this.#listenTo(form);
    return form;
  }

  #go(field) {
    this.form.controls.get(field)?.focus();
  }

  #takeBack(control = this.focused) {
    if (!control || this.isSigned) return;
    this.draft.takeBack(control.key);
    control.focus();
  }

  #resolve(field, keepMine) {
    this.draft.resolve(field, keepMine);
    this.#go(field);
  }

  async #review() {
    if (!this.draft || this.isSigned || this.reviewing) return;
    this.reviewing = true;
    const focused = this.form.controlOf(document.activeElement);
    if (focused) this.draft.commit(focused);
    this.draft.commitAll();
    const settled = await this.draft.queue.settled();
    if (settled) await this.reshaping; // what is open is open in the form of now
    const saved = settled && !this.draft.hasUnsaved;
    this.reviewing = false;
    if (!this.isConnected) return;
    await reviewAndSign({
      report: this.draft.report, items: this.#items(), saved, label: this.#label,
      sign: (acknowledge, preliminary) => this.#sign(acknowledge, preliminary), go: (field) => this.#go(field),
      done: () => this.heading.focus(),
    });
  }

  async #sign(acknowledge, preliminary) {
    try {
      await this.#open(await api.sign(this.draft.report.id, this.draft.report.version, acknowledge, preliminary));
    } catch (error) {
      if (error.status === 412) await this.draft.reload(); // what was reviewed is not what would be signed
      throw error;
    }
  }
}

customElements.define("mrrt-report", ReportView);
