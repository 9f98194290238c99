// What needs the reader: one short list, the gravest first, each item leading to its field.

import { h, hiddenText, icon } from "./dom.js";
import { quantity } from "./format.js";
import { valueText } from "./provenance.js";
import { isOpen } from "./report-state.js";
import { t } from "./strings.js";

const RANK = { error: 0, warning: 1, information: 2 };

/**
 * @typedef {{severity: "error"|"warning"|"information", text: string, mend?: string, field?: string|null,
 *   choices?: {text: string, of?: string, about?: string, keys?: string, act: () => void}[], asks?: boolean, rank?: number}} Item `asks`: it has to be answered before signing
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

/** Several measurements for one field: the reader chooses, in the field by Alt and their number. */
function ambiguousItem(one, draft, label) {
  const candidates = one.candidates.filter((candidate) => candidate.value !== null);
  return {
    severity: "warning",
    text: `${label(one.field)}: ${t("ambiguous")} (${one.reason})`,
    field: one.field,
    choices: candidates.map((candidate, n) => ({
      text: quantity(candidate.value, candidate.unit),
      about: t("srItem", { path: candidate.path }),
      keys: n < 9 ? `Alt ${n + 1}` : "",
      of: `${label(one.field)}: `,
      act: () => draft.choose(one.field, candidate),
    })),
  };
}

/** What is typed here but not in the report, and what somebody else did to it. */
function localItems(draft, label, resolve) {
  const { report, notices, form, unsaved: { conflicts, refused } } = draft;
  const here = ([field]) => form.controls.has(field);
  const late = isOpen(report) ? [] : [{ severity: "error", text: t("signedElsewhere") }];
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
    choices: [{ text: t("noted"), act: () => draft.note(notice) }],
  }));
  return [...late, ...disputed, ...unsaved, ...elsewhere];
}

/**
 * Everything about a draft that its reader should look at, the gravest first.
 * @param {import("./editing.js").Draft} draft @param {(key: string) => string} label
 * @param {{resolve: (field: string, keepMine: boolean) => void, acknowledge: (alert: any) => void}} acts decide between two values; answer an alert
 * @param {Item[]} more
 * @returns {Item[]}
 */
export function itemsOf(draft, label, { resolve, acknowledge }, more) {
  const { values, problems, ambiguous, alerts, acknowledged } = draft.report;
  const asked = new Set(alerts.map(key));
  const heeded = new Set(acknowledged.map(key));
  const items = [
    ...localItems(draft, label, resolve), ...more,
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
    h("button", { type: "button", class: "small", onclick: choice.act }, choice.of && hiddenText(choice.of), choice.text,
      choice.about && h("span", { class: "muted" }, ` ${choice.about}`), choice.keys && h("kbd", {}, choice.keys)))) : null;
  return h("li", { class: item.severity }, body, choices);
}

/** Names an item as long as it is there. @param {Item|undefined} item */
const nameOfItem = (item) => JSON.stringify([item?.severity, item?.field, item?.text]);

class Attention extends HTMLElement {
  /** @type {Item[]} */ items = [];
  at = -1; // the place of the item that was visited last; where it is gone, of the one before it

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
    if (texts !== this.texts) this.#draw(items, texts);
    this.#showUnmatched(unmatched);
  }

  #draw(items, texts) {
    const visited = nameOfItem(this.items[this.at]);
    const place = items.findIndex((item) => nameOfItem(item) === visited);
    this.at = place < 0 ? Math.min(this.at, items.length) - 1 : place;
    // a button that has the focus keeps it
    const focused = [...this.list.querySelectorAll("button")].indexOf(/** @type {any} */ (document.activeElement));
    this.items = items;
    this.texts = texts;
    const rows = items.map((item) => itemElement(item, this.go));
    this.list.replaceChildren(...(rows.length ? rows : [h("li", { class: "none" }, t("nothing"))]));
    if (focused >= 0) [...this.list.querySelectorAll("button")][focused]?.focus();
  }

  #count(count) {
    this.heading.replaceChildren(t("attention"), count ? h("span", { class: "count" }, String(count)) : "");
  }

  #showUnmatched(unmatched) {
    this.unmatched.hidden = !unmatched.length;
    const summary = h("summary", {}, t("unmatched", { n: unmatched.length }));
    const draw = () => import("./assign.js").then(({ tableOf }) => this.unmatched.replaceChildren(summary, tableOf(unmatched, this.assign)), () => {});
    this.unmatched.ontoggle = () => this.unmatched.open && draw();
    if (this.unmatched.open) draw();
    else this.unmatched.replaceChildren(summary);
  }

  /** Lead to the next item, round and round: into its field, else to what can be done about it. */
  next() {
    const stops = this.items.length + (this.unmatched.hidden ? 0 : 1);
    if (!stops) return;
    this.at = (Math.max(this.at, -1) + 1) % stops;
    const { field } = this.items[this.at] ?? {};
    if (field) return this.go(field);
    const place = this.at < this.items.length ? this.list.children[this.at] : this.unmatched;
    const act = place.querySelector("button, summary");
    if (!act) place.tabIndex = -1;
    (act ?? place).focus();
  }

  /** Choose one of the measurements that fit a field. @param {string} field @param {number} number from 1 @returns {boolean} whether there is one */
  choose(field, number) {
    const choice = this.items.filter((item) => item.field === field).flatMap((item) => item.choices ?? [])
      .find(({ keys }) => keys === `Alt ${number}`);
    choice?.act();
    return Boolean(choice);
  }
}

/** The measurements that neither a binding nor the reader gave a field. @param {import("./types.js").ReportView} report */
export function withoutPlace({ unmatched, values }) {
  const given = new Set(Object.values(values).filter(({ source }) => source?.path).map(({ source }) => `${source.document} ${source.path}`));
  return unmatched.filter((one) => !given.has(`${one.document} ${one.path}`));
}

customElements.define("mrrt-attention", Attention);
