// The sections of a form fold. One that is not used stays out of the way; one that is folded says what it holds.

import { h } from "./dom.js";
import { FieldControl } from "./field.js";
import { decimal, unitText } from "./format.js";
import { language, t } from "./strings.js";

const KEPT = "mrrt.folds"; // what the reader folded and unfolded, by template
const OPEN = "open"; // how unused sections start, where the reader does not want them folded
const NAMED = 3; // more values than this are counted only

/** How the sections of the report that is open stand: a form that takes the place of another begins so. */
let last = { report: "", folded: new Map() };

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "") ?? {};
  } catch {
    return {};
  }
}

function remember(kept) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(kept));
  } catch {
    // a browser that keeps nothing: the next report starts as the first did
  }
}

/** A field that comes out of its fold when the reader is led to it. */
export class FoldedField extends FieldControl {
  /** @type {Fold|null} */ fold = null;

  focus() {
    this.fold?.reveal();
    super.focus();
  }

  get isFilled() {
    const held = this.read();
    return Array.isArray(held) ? held.length > 0 : held !== "" && held !== false;
  }

  /** It is asked for, whatever the rest of the report says. */
  get isAsked() { return this.field.required || (this.field.completion_action ?? "NONE") !== "NONE"; }

  /** Its label and what it holds, short. */
  get brief() {
    const held = this.read();
    if (held === true) return this.label;
    const words = (value) => {
      const choice = this.field.choices?.find((one) => one.value === value);
      return choice ? choice.translations?.[language()] ?? choice.text : value;
    };
    const text = this.first.tagName === "SELECT" ? this.text : [held].flat().map(words).join(", ");
    return `${this.label} ${[this.field.kind === "number" ? decimal(text) : text, unitText(this.field.unit)].filter(Boolean).join("\u00a0")}`;
  }
}

class Fold {
  /** @type {FoldedField[]} */ fields = [];
  /** @type {Fold|null} the one around it */ outer = null;
  isFolded = false;
  #isWaiting = false;

  /** @param {Element} heading @param {number} n @param {Folds} all */
  constructor(heading, n, all) {
    this.all = all;
    this.section = heading.parentElement;
    this.key = this.section.id || heading.textContent.trim();
    this.body = h("div", { class: "section-body", id: `fold-${n}` });
    while (heading.nextSibling) this.body.append(heading.nextSibling);
    this.held = h("span", { class: "held", id: `fold-${n}-held`, hidden: true });
    this.button = h("button", { type: "button", class: "fold", "aria-expanded": "true", "aria-controls": this.body.id }, ...heading.childNodes);
    for (const name of ["german", "english"]) {
      if (heading.dataset[name]) this.button.dataset[name] = heading.dataset[name];
      delete heading.dataset[name];
    }
    this.head = h("div", { class: "section-head" });
    heading.replaceWith(this.head);
    heading.append(this.button);
    this.head.append(heading, this.held);
    this.section.append(this.body);
    this.button.addEventListener("click", () => (this.set(!this.isFolded), all.keep(this)));
    this.body.addEventListener("beforematch", () => this.set(false)); // the browser's own search found something in it
  }

  get relevant() { return this.fields.filter((field) => !field.place.hidden); }

  /** Nothing is in it, nothing has to be, and it is more than a text to be read. @param {Set<string>} waiting keys of fields */
  isUnused(waiting) {
    return this.section.dataset.sectionRequired !== "true" && this.fields.length > 0
      && !this.relevant.some((field) => field.isFilled || field.isAsked || waiting.has(field.key));
  }

  /** @param {boolean} folded */
  set(folded) {
    if (this.isFolded === folded) return;
    this.isFolded = folded;
    this.section.classList.toggle("folded", folded);
    this.button.setAttribute("aria-expanded", String(!folded));
    this.held.hidden = !folded;
    if (folded) {
      this.body.setAttribute("hidden", "until-found");
      this.button.setAttribute("aria-describedby", this.held.id);
      this.say();
    } else {
      this.body.removeAttribute("hidden");
      this.button.removeAttribute("aria-describedby");
    }
    this.all.state.set(this.key, folded);
  }

  reveal() {
    this.outer?.reveal();
    this.set(false);
  }

  /** Something in it may be different: say so outside, when all that came together is in its place. */
  changed() {
    if (!this.isFolded || this.#isWaiting) return;
    this.#isWaiting = true;
    queueMicrotask(() => {
      this.#isWaiting = false;
      if (this.isFolded) this.say();
    });
  }

  say() {
    const { relevant } = this;
    const filled = relevant.filter((field) => field.isFilled);
    const asked = relevant.filter((field) => field.isAsked && !field.isFilled).length;
    const texts = filled.slice(0, NAMED).map((field) => field.brief).join(" · ") + (filled.length > NAMED ? " …" : "");
    const parts = [filled.length ? t("held", { n: filled.length, texts }) : t("empty"), asked ? t("heldAsked", { n: asked }) : ""];
    this.held.textContent = parts.filter(Boolean).reverse().join(" · ");
  }
}

export class Folds {
  /**
   * @param {Element} element of the form, its headings in place @param {Map<string, FoldedField>} controls
   * @param {import("./types.js").ReportView} report @param {boolean} readOnly
   */
  constructor(element, controls, report, readOnly) {
    this.report = report;
    /** Which are folded, by their names. @type {Map<string, boolean>} */
    this.state = new Map();
    const headings = [...element.querySelectorAll("section > .section-title")].filter((one) => !one.querySelector("[data-field], button, a, summary"));
    this.all = headings.map((heading, n) => new Fold(heading, n + 1, this));
    const byBody = new Map(this.all.map((fold) => [fold.body, fold]));
    const around = (node) => byBody.get(node.closest(".section-body")) ?? null;
    for (const fold of this.all) fold.outer = around(fold.section);
    for (const control of controls.values()) {
      control.fold = around(control.first);
      for (let fold = control.fold; fold; fold = fold.outer) fold.fields.push(control);
    }
    if (report.template && !readOnly) this.#begin();
  }

  /** Fold what the reader folded the last time, and what measurements left unused; never what waits for the reader. */
  #begin() {
    const before = last.report === this.report.id ? last.folded : null;
    if (!before) last = { report: this.report.id, folded: this.state };
    this.state = last.folded;
    const { unused, [this.#template]: own = {} } = remembered();
    const isMeasured = Object.values(this.report.values).some((one) => ["imported", "merged"].includes(one.provenance));
    const folds = !before && isMeasured && unused !== OPEN;
    const waiting = this.#waiting();
    for (const fold of this.all) {
      const waits = fold.relevant.some((field) => waiting.has(field.key) || (field.isAsked && !field.isFilled));
      fold.set(before?.get(fold.key) ?? (!waits && (own[fold.key] ?? (folds && fold.isUnused(waiting)))));
    }
  }

  get #template() {
    return `of ${this.report.template.identifier}`;
  }

  #waiting() {
    const { required, problems, alerts, ambiguous } = this.report;
    return new Set([...required, ...[...problems, ...alerts, ...ambiguous].map((one) => one.field)]);
  }

  /** Remember what the reader did with a section. @param {Fold} fold */
  keep(fold) {
    if (!this.report.template) return;
    const kept = remembered();
    remember({ ...kept, [this.#template]: { ...kept[this.#template], [fold.key]: fold.isFolded } });
  }

  /** An answer of the server came, or the language is another. */
  refresh() { for (const fold of this.all) fold.changed(); }

  /** Unused sections start open, as the reader wants it. */
  get keepsOpen() { return remembered().unused === OPEN; }

  /** Fold what is unused, now and in reports to come, or leave it open. @param {boolean} keepOpen */
  foldUnused(keepOpen) {
    const { [this.#template]: own, ...kept } = remembered();
    remember({ ...kept, unused: keepOpen ? OPEN : "folded" });
    const waiting = this.#waiting();
    for (const fold of this.all.filter((one) => one.isUnused(waiting))) fold.set(!keepOpen);
  }
}
