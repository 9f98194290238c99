// Tables of a template's form: heads for screen readers, a side set off from the other, units said once.

import { h, retag } from "./dom.js";
import { unitText } from "./format.js";

/** Set apart the unit that a template repeats behind a control. @param {Element} element @param {Map<string, any>} fields */
export function setUnits(element, fields) {
  for (const control of element.querySelectorAll("input[data-field]")) {
    const unit = unitText(fields.get(control.dataset.field)?.unit);
    const text = control.nextSibling;
    const repeats = unit && text?.nodeType === Node.TEXT_NODE && text.data.trim().startsWith(unit);
    if (repeats) text.data = text.data.replace(unit, "").trimStart();
    if (unit) control.after(h("span", { class: "unit", "aria-hidden": "true" }, unit));
  }
}

/** @param {HTMLTableElement} table @param {Map<string, import("./field.js").FieldControl>} controls */
export function layTable(table, controls) {
  const [first, ...rest] = table.rows;
  if (!first || first.querySelector("[data-field]")) return;
  table.classList.add("grid");
  for (const cell of [...first.cells]) {
    retag(cell, cell.textContent.trim() ? "th" : "td", { scope: cell.textContent.trim() ? "col" : null });
  }
  for (const row of rest) nameRow(row);
  liftUnits(first, rest);
  setSidesApart(table, controls);
}

function nameRow(row) {
  const [cell] = row.cells;
  if (cell && cell.textContent.trim() && !cell.querySelector("[data-field]")) retag(cell, "th", { scope: "row" });
}

/** A unit that a whole column shares stands in its head, not in every cell. */
function liftUnits(head, rows) {
  const isPlain = rows.every((row) => [...row.cells].every((cell) => cell.colSpan === 1 && cell.rowSpan === 1));
  if (!isPlain) return;
  for (const [column, cell] of [...head.cells].entries()) {
    const below = rows.map((row) => row.cells[column]).filter((one) => one?.querySelector("[data-field]"));
    const units = new Set(below.map((one) => one.querySelector(".unit")?.textContent ?? ""));
    const [unit] = units;
    if (units.size !== 1 || !unit || below.length < 2) continue;
    for (const one of below) one.querySelector(".unit").remove();
    cell.append(" ", h("span", { class: "unit" }, unit));
  }
}

/** The words for the sides, in the languages that templates are written in. */
const SIDES = /(?<![\p{L}\d])(right|left|rechts|links|rechte[mnrs]?|linke[mnrs]?)(?![\p{L}\d])/giu;

/** The side that a text names, if it is one only. @param {string} text @returns {"right"|"left"|undefined} */
function sideOf(text) {
  const found = new Set([...text.matchAll(SIDES)].map(([word]) => (word[0].toLowerCase() === "r" ? "right" : "left")));
  return found.size === 1 ? /** @type {any} */ ([...found][0]) : undefined;
}

/** The side of a field, by its label in any language. */
function sideOfField(field) {
  const texts = [field?.label, ...Object.values(field?.translations ?? {})];
  return texts.map((text) => sideOf(text ?? "")).find(Boolean);
}

/** Where the fields of a row pass from one side to the other, a little more room. */
function setSidesApart(table, controls) {
  const sides = [...table.rows].map((row) => [...row.cells].map((cell) => sideOfField(controls.get(cell.querySelector("[data-field]")?.dataset.field)?.field)))
    .find((row) => row.includes("right") && row.includes("left"));
  const start = sides?.findIndex((side, n) => n > 0 && side && sides[n - 1] && side !== sides[n - 1]) ?? -1;
  if (start > 0) for (const row of table.rows) row.cells[start]?.classList.add("other-side");
}

/** What a part of a form is called, in every language that it says. @param {HTMLElement} part */
function titlesOf(part) {
  const head = /** @type {HTMLElement|null} */ (part.querySelector(":scope > :is(.section-title, legend, h1, h2, h3, h4, h5, h6)"));
  return [head?.textContent, head?.dataset.german, head?.dataset.english, part.dataset.sectionName].filter(Boolean);
}

/** Two parts are the two sides of one thing where their titles differ in the side only. */
function areSides(one, other) {
  if (!other || one.tagName !== other.tagName) return false;
  const rest = (title) => title.replace(SIDES, " ").replace(/\s+/g, " ").trim().toLowerCase();
  return titlesOf(one).some((title) => sideOf(title) && titlesOf(other).some((text) =>
    sideOf(text) && sideOf(text) !== sideOf(title) && rest(text) === rest(title)));
}

/** Sections that are the two sides of one thing stand beside each other where there is room. @param {Element} element of the form */
export function setSidesBeside(element) {
  for (const part of element.querySelectorAll("section, fieldset")) {
    const other = /** @type {HTMLElement} */ (part.nextElementSibling);
    const gap = part.nextSibling === other ? "" : part.nextSibling?.textContent ?? "";
    if (part.parentElement.matches(".sides") || gap.trim() || !areSides(/** @type {HTMLElement} */ (part), other)) continue;
    const both = h("div", { class: "sides" });
    part.replaceWith(both);
    both.append(part, other);
  }
}
