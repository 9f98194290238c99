// The template's own page as a form of ours: the safe fragment of the server, in our type, bound to fields.

import { h, retag } from "./dom.js";
import { FoldedField, Folds } from "./form-folds.js";
import { layTable, setSidesBeside, setUnits } from "./form-tables.js";
import { language } from "./strings.js";

const LONG = 200; // fields of a form of which only what is seen is laid out
const PREFIX = "t-"; // ids of the template cannot meet ours

/**
 * @param {import("./types.js").FormView} view its page was made safe by the server
 * @param {import("./types.js").ReportView} report @param {boolean} readOnly
 */
export function buildForm({ html, fields, shape }, report, readOnly) {
  const element = h("div", { class: "template-form" });
  element.append(...parsed(html).childNodes);
  prefixIds(element);
  for (const header of element.querySelectorAll("header")) retag(header, headingOf(header), { class: "section-title" });
  if (readOnly) fixSelects(element);
  else unfoldSelects(element);
  for (const control of element.querySelectorAll("input[type=number]")) {
    control.type = "text"; // type=number would not take "1,8 m/s"
    control.inputMode = "decimal";
    control.autocomplete = "off";
  }
  const byKey = new Map(fields.map((field) => [field.key, field]));
  setUnits(element, byKey);
  const controls = bind(element, byKey);
  for (const table of element.querySelectorAll("table")) layTable(table, controls);
  for (const paragraph of element.querySelectorAll("p")) pair(paragraph);
  setSidesBeside(element);
  element.classList.toggle("long", controls.size > LONG);
  const form = new Form(element, controls, shape);
  form.relabel();
  for (const [key, control] of controls) control.show(report.values[key]);
  form.hide(report.irrelevant);
  form.folds = new Folds(element, controls, report, readOnly);
  if (readOnly) form.freeze(report.values);
  return form;
}

export class Form {
  /** @param {HTMLElement} element @param {Map<string, FieldControl>} controls @param {string} shape its name */
  constructor(element, controls, shape) {
    this.element = element;
    this.controls = controls;
    this.shape = shape;
    this.original = new WeakMap();
  }

  /** The field that a node of the page belongs to. @param {any} node @returns {FoldedField|undefined} */
  controlOf(node) { return this.controls.get(node?.closest?.("[data-field]")?.dataset.field); }

  /** Put every label and choice into the language of the page, where the template has it. */
  relabel() {
    const code = language();
    for (const node of this.element.querySelectorAll("[data-german], [data-english]")) {
      if (!node.matches("input, select, textarea")) this.#translate(node, code === "de" ? "german" : "english");
    }
    for (const control of this.controls.values()) {
      if (!control.isGroup) control.first.setAttribute("aria-label", control.name);
      else this.#nameGroup(control);
      control.summarise();
    }
    this.folds?.refresh();
  }

  #nameGroup(control) {
    groupOf(control)?.setAttribute("aria-label", control.name);
    // `labels` walks the whole page
    for (const element of control.elements) if (!element.labels.length) element.setAttribute("aria-label", control.nameOf(element));
  }

  #translate(node, name) {
    const text = [...node.childNodes].find((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
    if (!text) return;
    if (!this.original.has(text)) this.original.set(text, text.data);
    text.data = node.dataset[name] || this.original.get(text);
  }

  /** Hide what is not relevant; a row goes when all its fields do. @param {string[]} keys of fields and sections */
  hide(keys) {
    const hidden = new Set(keys);
    for (const [key, control] of this.controls) control.place.hidden = hidden.has(key);
    for (const section of this.element.querySelectorAll("section[id]")) section.hidden = hidden.has(section.id.slice(PREFIX.length));
    this.#hideRows();
    this.folds?.refresh();
  }

  #hideRows() {
    for (const row of this.element.querySelectorAll("tr, p")) {
      const places = [...row.querySelectorAll(".field")];
      if (places.length) row.hidden = places.every((place) => place.hidden);
    }
  }

  /** Let nothing be changed, yet all that was said be read and focused. @param {Record<string, any>} values */
  freeze(values) {
    for (const control of this.controls.values()) if ((values[control.key]?.value ?? null) === null) control.place.hidden = true;
    this.#hideRows();
    for (const part of this.element.querySelectorAll("table, section")) {
      const places = [...part.querySelectorAll(".field")];
      if (places.length && places.every((place) => place.hidden)) part.hidden = true;
    }
    for (const { elements } of this.controls.values()) {
      for (const element of elements) {
        if (element.type === "checkbox" || element.type === "radio") element.disabled = true;
        else element.readOnly = true;
      }
    }
  }
}

function parsed(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  // the server has removed these; a second pair of eyes costs nothing
  for (const node of body.querySelectorAll("script, style, iframe, object, link, form, button")) node.remove();
  for (const node of body.querySelectorAll("*")) {
    for (const { name } of [...node.attributes]) if (name.startsWith("on") || name === "style") node.removeAttribute(name);
  }
  return body;
}

function prefixIds(element) {
  for (const name of ["id", "for", "list"]) {
    for (const node of element.querySelectorAll(`[${name}]`)) node.setAttribute(name, PREFIX + node.getAttribute(name));
  }
}

function headingOf(header) {
  let depth = 1;
  for (let at = header.parentElement?.parentElement?.closest("section"); at; at = at.parentElement.closest("section")) depth += 1;
  return `h${Math.min(depth + 1, 6)}`;
}

/** A list of which several may be chosen becomes a folded list of checkboxes: it can be worked with one hand. */
function unfoldSelects(element) {
  for (const select of element.querySelectorAll("select[multiple]")) {
    const group = h("div", { role: "group" }, [...select.options].filter((option) => option.value).map((option, n) =>
      h("label", {},
        h("input", { type: "checkbox", id: `${select.id}.${n + 1}`, value: option.value, "data-field": select.dataset.field }),
        h("span", { "data-german": option.dataset.german, "data-english": option.dataset.english }, option.textContent))));
    select.replaceWith(h("details", { class: "checks", "data-field": select.dataset.field }, h("summary", {}, "—"), group));
  }
}

/** In a signed report a choice is text. */
function fixSelects(element) {
  for (const select of element.querySelectorAll("select")) {
    select.replaceWith(h("textarea", { rows: 1, id: select.id, "data-field": select.dataset.field, "data-readonly": "" }));
  }
}

function bind(element, fields) {
  const members = new Map();
  for (const control of element.querySelectorAll("input[data-field], select[data-field], textarea[data-field]")) {
    const key = control.dataset.field;
    members.set(key, [...(members.get(key) ?? []), control]);
  }
  const unknown = (key) => ({ key, kind: "text", label: key, translations: {} });
  return new Map([...members].map(([key, elements]) => [key, new FoldedField(key, fields.get(key) ?? unknown(key), elements)]));
}

/** The element around a group of controls that holds nothing else, as a group for screen readers. */
function groupOf(control) {
  const fold = control.first.closest(".checks [role=group]");
  if (fold) return fold;
  let around = control.first.parentElement;
  while (around && !control.elements.every((element) => around.contains(element))) around = around.parentElement;
  const alone = [...around.querySelectorAll("[data-field]")].every((node) => node.dataset.field === control.key);
  if (alone && !around.matches("td, th, section")) around.setAttribute("role", control.first.type === "radio" ? "radiogroup" : "group");
  return around.matches("[role]") ? around : null;
}

/** A paragraph of one label and one control is set in two columns. */
function pair(paragraph) {
  const alone = paragraph.querySelectorAll(".field").length === 1 && paragraph.querySelectorAll("label").length === 1;
  if (alone) paragraph.classList.add("pair");
}
