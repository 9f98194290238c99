// What needs the reader: one short list, the gravest first, each item leading to its field.

import { h, hiddenText, icon } from "./dom.js";
import { quantity } from "./format.js";
import { valueText } from "./provenance.js";
import { t } from "./strings.js";

const RANK = { error: 0, warning: 1, information: 2 };

/**
 * @typedef {{severity: "error"|"warning"|"information", text: string, mend?: string, field?: string|null,
 *   choices?: {text: string, name?: string, act: () => void}[], asks?: boolean, rank?: number}} Item `asks`: it has to be answered before signing
 */

/** The rule of an empty field of which the template asks before the signature. */
export const COMPLETION = "C2";
const REQUIRED = "C1";
const key = (one) => JSON.stringify([one.rule, one.field ?? null, one.message]);

/** The two most frequent problems in the language of the page; the others as the server says them. */
function wordsOf(problem, label) {
  const own = { C1: "mustBeFilled", C2: "isEmpty" }[problem.rule];
  return own && problem.field ? t(own, { label: label(problem.field) }) : problem.message;
}

/** Several measurements for one field: the reader chooses. */
function ambiguousItem(one, draft, label) {
  const candidates = one.candidates.filter((candidate) => candidate.value !== null);
  return {
    severity: "warning",
    text: `${label(one.field)}: ${t("ambiguous")} (${one.reason})`,
    field: one.field,
    choices: candidates.map((candidate) => ({
      text: quantity(candidate.value, candidate.unit),
      name: `${label(one.field)}: ${quantity(candidate.value, candidate.unit)}, ${t("srItem", { path: candidate.path })}`,
      act: () => draft.put(one.field, candidate.value, candidate.unit),
    })),
  };
}

/** What is typed here but not in the report, and what somebody else did to it. */
function localItems({ report, conflicts, refused, notices, form }, label, resolve) {
  const here = ([field]) => form.controls.has(field);
  const late = report.status === "partial" ? [] : [{ severity: "error", text: t("signedElsewhere") }];
  const disputed = [...conflicts].filter(here).map(([field, { text, theirs }]) => ({
    severity: "error", field, text: t("conflict", { label: label(field) }),
    choices: [
      { text: t("keepMine", { value: text }), act: () => resolve(field, true) },
      { text: t("takeTheirs", { value: valueText(theirs) }), act: () => resolve(field, false) },
    ],
  }));
  const unsaved = [...refused].filter(here).map(([field, { value, message }]) => ({
    severity: "error", field, text: `${t("notSaved", { value })} ${message}`,
  }));
  const elsewhere = notices.map((notice) => ({
    severity: "information", field: notice.field, text: t("elsewhere", { ...notice, label: label(notice.field) }),
  }));
  return [...late, ...disputed, ...unsaved, ...elsewhere];
}

/**
 * Everything about a draft that its reader should look at, the gravest first.
 * @param {import("./editing.js").Draft} draft @param {(key: string) => string} label
 * @param {{resolve: (field: string, keepMine: boolean) => void, acknowledge: (alert: any) => void}} acts decide between two values; answer an alert
 * @returns {Item[]}
 */
export function itemsOf(draft, label, { resolve, acknowledge }) {
  const { values, problems, ambiguous, alerts, acknowledged } = draft.report;
  const asked = new Set(alerts.map(key));
  const heeded = new Set(acknowledged.map(key));
  const items = [
    ...localItems(draft, label, resolve),
    ...problems.filter((problem) => !heeded.has(key(problem))).map((problem) => ({
      rank: rankOf(problem, asked.has(key(problem))),
      severity: problem.severity, text: wordsOf(problem, label), mend: problem.mend, field: problem.field, asks: asked.has(key(problem)),
      choices: asked.has(key(problem)) && problem.rule !== COMPLETION ? [{ text: t("acknowledge"), act: () => acknowledge(problem) }] : [],
    })),
    ...ambiguous.filter((one) => draft.form.controls.has(one.field) && (values[one.field]?.value ?? null) === null).map((one) => ambiguousItem(one, draft, label)),
  ];
  return /** @type {Item[]} */ (items).sort((one, other) => placeOf(one) - placeOf(other));
}

const placeOf = (item) => item.rank ?? RANK[item.severity];

/** Errors, then what is to choose, then alerts to answer, then what is left to fill. */
function rankOf(problem, asked) {
  if (problem.rule === REQUIRED) return 1.4;
  if (problem.rule === COMPLETION) return 1.5;
  return asked ? 1.2 : problem.severity === "warning" ? 1.6 : RANK[problem.severity];
}

/** One item as an element. @param {Item} item @param {(field: string) => void} go */
export function itemElement(item, go) {
  const words = [icon(item.severity), hiddenText(`${t(item.severity)}: `), h("span", {}, item.text, item.mend && h("span", { class: "mend" }, ` ${item.mend}`))];
  const body = item.field && go
    ? h("button", { type: "button", class: "item", onclick: () => go(item.field) }, words)
    : h("p", { class: "item" }, words);
  const choices = item.choices?.length ? h("p", { class: "choose" }, item.choices.map((choice) =>
    h("button", { type: "button", class: "small", "aria-label": choice.name, onclick: choice.act }, choice.text))) : null;
  return h("li", { class: item.severity }, body, choices);
}

class Attention extends HTMLElement {
  /** @type {Item[]} */ items = [];
  at = -1;

  connectedCallback() {
    if (this.list) return;
    this.heading = h("h2", { id: "attention-title" });
    this.list = h("ul", { class: "items" });
    this.unmatched = h("details", { class: "unmatched" });
    this.append(h("section", { "aria-labelledby": "attention-title" }, this.heading, this.list, this.unmatched));
  }

  /** @param {Item[]} items ranked @param {any[]} unmatched @param {(field: string) => void} go @param {(one: any) => void} assign */
  show(items, unmatched, go, assign) {
    this.assign = assign;
    const texts = JSON.stringify([items, document.documentElement.lang]);
    this.go = go;
    this.#count(items.length);
    if (texts !== this.texts) {
      // only what is new is drawn: a button that has the focus keeps it
      const focused = [...this.list.querySelectorAll("button")].indexOf(/** @type {any} */ (document.activeElement));
      this.items = items;
      this.texts = texts;
      this.at = Math.min(this.at, items.length - 1);
      const rows = items.map((item) => itemElement(item, go));
      this.list.replaceChildren(...(rows.length ? rows : [h("li", { class: "none" }, t("nothing"))]));
      if (focused >= 0) [...this.list.querySelectorAll("button")][focused]?.focus();
    }
    this.#showUnmatched(unmatched);
  }

  #count(count) {
    this.heading.replaceChildren(t("attention"), count ? h("span", { class: "count" }, String(count)) : "");
  }

  #showUnmatched(unmatched) {
    this.unmatched.hidden = !unmatched.length;
    const summary = h("summary", {}, t("unmatched", { n: unmatched.length }));
    const draw = () => this.unmatched.replaceChildren(summary, unmatchedTable(unmatched, (one) => this.assign(one)));
    this.unmatched.ontoggle = () => this.unmatched.open && draw();
    if (this.unmatched.open) draw();
    else this.unmatched.replaceChildren(summary);
  }

  /** Lead to the next item that has a field, round and round. */
  next() {
    const fields = this.items.map((item, n) => (item.field ? n : -1)).filter((n) => n >= 0);
    if (!fields.length) return;
    this.at = fields.find((n) => n > this.at) ?? fields[0];
    this.go(this.items[this.at].field);
  }
}

/** What a measurement is of. @param {any} one */
export const nameOf = (one) => [one.code?.meaning, one.site?.meaning, one.segment?.meaning, one.laterality].filter(Boolean).join(", ");

function unmatchedTable(unmatched, assign) {
  return h("table", {}, h("tbody", {}, unmatched.map((one) => h("tr", {},
    h("th", { scope: "row" }, nameOf(one)),
    h("td", { class: "number" }, quantity(one.value, one.unit)),
    h("td", { class: "muted" }, one.reason),
    h("td", {}, one.value !== null && h("button", { type: "button", class: "small", "aria-label": t("assignNamed", { name: nameOf(one) }), onclick: () => assign(one) }, t("assign")))))));
}

customElements.define("mrrt-attention", Attention);
