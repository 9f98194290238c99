// One field of the form: its controls in the page, what they hold, and how that looks.

import { h } from "./dom.js";
import { decimal } from "./format.js";
import { mark, provenanceOf } from "./provenance.js";
import { language } from "./strings.js";

/** @typedef {import("./types.js").ValueView} ValueView */

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export class FieldControl {
  /**
   * @param {string} key @param {any} field of the template, as the API describes it
   * @param {HTMLElement[]} elements the controls, in page order; several in a radio or checkbox group
   */
  constructor(key, field, elements) {
    this.key = key;
    this.field = field;
    this.elements = elements;
    this.first = elements[0];
    this.isChoice = ["radio", "checkbox"].includes(this.first.type);
    this.isGroup = elements.length > 1 || (this.first.type === "checkbox" && field.kind !== "checkbox");
    this.mark = h("span", { class: "mark", id: `${this.first.id}-mark` });
    this.note = h("span", { class: "message", id: `${this.first.id}-message`, hidden: true });
    this.place = this.#wrap();
    for (const element of elements) element.setAttribute("aria-describedby", `${this.mark.id} ${this.note.id}`);
    /** What the controls held when the server's value was last written into them. */
    this.shown = this.read();
  }

  #wrap() {
    const around = this.first.closest(".checks");
    if (this.isGroup && !around) {
      const last = this.elements.at(-1);
      (last.closest("label") ?? last).after(this.mark, this.note);
      return this.mark.parentElement;
    }
    const place = h("span", { class: `field ${this.field.kind}` });
    const control = around ?? this.first;
    const unit = control.nextElementSibling?.matches(".unit") ? control.nextElementSibling : null;
    control.replaceWith(place);
    place.append(control, ...(unit ? [unit] : []), this.mark, this.note);
    return place;
  }

  get label() { return this.field.translations?.[language()] ?? this.field.label ?? this.key; }

  /** The label with the unit, as screen readers should say it. */
  get name() {
    const unit = this.field.unit && this.field.unit !== "1" ? `, ${this.field.unit}` : "";
    return `${this.label || this.key}${unit}`;
  }

  /** What to call one control of a group: the field and the choice. @param {HTMLInputElement} element */
  nameOf(element) {
    const choice = this.field.choices?.find((one) => one.value === element.value);
    return this.isGroup && choice ? `${this.name}: ${choice.translations?.[language()] ?? choice.text}` : this.name;
  }

  /** @returns {string|boolean|string[]} what the controls hold now, as the API takes it */
  read() {
    const checked = this.elements.filter((element) => element.checked).map((element) => element.value);
    if (this.first.type === "radio") return checked[0] ?? "";
    if (this.first.type === "checkbox") return this.isGroup ? checked : this.first.checked;
    return this.first.value;
  }

  /** That as an edit; a number is written as its language has it. */
  get edit() { return { field: this.key, value: this.read(), ...(this.field.kind === "number" && { language: language() }) }; }

  /** The reader has put something in that is not what the server's value looks like. */
  get isDirty() { return !same(this.read(), this.shown); }

  get hasFocus() { return this.elements.includes(document.activeElement); }

  /** What the controls hold, for people. */
  get text() {
    const held = this.read();
    if (this.first.tagName === "SELECT") return this.first.selectedOptions[0]?.textContent ?? "";
    return Array.isArray(held) ? held.join(", ") : String(held);
  }

  /** Write the server's value into the controls, and mark where it came from. @param {ValueView|undefined} view */
  show(view) {
    this.#write(view);
    this.shown = this.read();
    this.markAs(view);
  }

  /** Hold a text that is not in the report. @param {any} value */
  put(value) { if (!this.isChoice && typeof value === "string") this.first.value = value; }

  /** Hold what the same field held in another form, finished or not. @param {FieldControl} other */
  carry(other) {
    this.put(other.read());
    if (!this.isChoice) this.shown = other.shown;
  }

  /** Mark where the value came from, and leave the controls alone. @param {ValueView|undefined} view */
  markAs(view) {
    const signs = mark(view);
    this.mark.replaceChildren(...signs);
    const kind = signs.length ? (view.covered ? "changed" : provenanceOf(view)) : "";
    for (const element of [this.mark, ...this.elements]) element.dataset.provenance = kind;
  }

  #write(view) {
    const value = view?.value ?? null;
    if (this.isChoice) {
      const chosen = Array.isArray(value) ? value : [value];
      for (const element of this.elements) {
        element.checked = this.isGroup || element.type === "radio" ? chosen.includes(element.value) : value === true;
      }
    } else if (this.first.dataset.readonly !== undefined) {
      this.first.value = view?.text ?? "";
    } else if (value === null) {
      this.first.value = "";
    } else {
      this.first.value = this.field.kind === "number" ? decimal(String(value)) : String(value);
    }
    this.summarise();
  }

  /** A folded list says on the outside what is chosen in it. */
  summarise() {
    const summary = this.first.closest(".checks")?.querySelector("summary");
    if (!summary) return;
    const chosen = this.elements.filter((element) => element.checked).map((element) => element.parentElement.textContent.trim());
    summary.textContent = chosen.join(", ") || "—";
    summary.setAttribute("aria-label", `${this.label}: ${summary.textContent}`);
  }

  /** Say beside the field what is wrong with what is in it; null takes it away. @param {string|null} message */
  complain(message) {
    this.note.textContent = message ?? "";
    this.note.hidden = !message;
    for (const element of this.elements) {
      if (message) element.setAttribute("aria-invalid", "true");
      else element.removeAttribute("aria-invalid");
    }
  }

  /** A derived value changed while the reader looked elsewhere: let it glow once. */
  glow() {
    // two animations take turns: to start one anew, the browser would have to lay out the page for each field
    for (const { classList } of this.elements) classList.toggle(classList.contains("fresh") ? "again" : "fresh");
  }

  focus() {
    const fold = this.first.closest("details");
    if (fold) fold.open = true;
    (this.elements.find((element) => element.checked) ?? this.first).focus();
  }
}
