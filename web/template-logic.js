// The logic of a template: decision tables with their proof, formulas, conditions, where the figures come from, and cases.

import * as api from "./desk-api.js";
import { section, table } from "./desk.js";
import { h } from "./dom.js";
import { sourcesPage } from "./template-sources.js";
import "./texts-templates.js";
import { language, t } from "./strings.js";

export const logicOf = (id) => api.get(`template-desk/logic/${id}?language=${language()}`);
const heads = (...keys) => keys.map((key) => t(key));

/** @param {HTMLElement} place @param {string} id */
export async function logic(place, id) {
  const found = await logicOf(id);
  const parts = [
    ...found.tables.map((one) => decisionTable(one)),
    found.calculations.length && section(t("calculations"), [], table(t("calculations"), heads("deskField", "expression", "unit"), found.calculations.map(calculation))),
    found.formulas.length && section(t("formulas"), [], table(t("formulas"), heads("deskField", "expression", "deskCriteria"), found.formulas.map((one) =>
      h("tr", {}, h("th", { scope: "row" }, `${one.name}(${one.parameters.join(", ")})`), h("td", {}, h("pre", {}, one.text)), h("td", {}, [one.criteria, one.source].filter(Boolean).join(" · ")))))),
    found.conditions.length && section(t("conditions"), [], table(t("conditions"), heads("kind", "deskField", "condition", "message"), found.conditions.map((one) =>
      h("tr", {}, h("td", {}, t(`condition_${one.kind}`)), h("th", { scope: "row" }, one.field ? named(found.labels, one.field) : one.name), h("td", {}, h("code", {}, one.text)), h("td", {}, one.message))))),
    found.sources && section(t("sources"), [], sourcesPage(found.sources)),
  ].filter(Boolean);
  place.replaceChildren(...(parts.length ? parts : [h("p", { class: "muted" }, t("noLogic"))]));
}

/** A field by what it is called, and by its key. */
const named = (labels, key) => [labels[key] || key, labels[key] && h("span", { class: "muted" }, ` ${key}`)];

function calculation(one) {
  const lines = one.by ? [h("p", { class: "muted" }, t("chosenBy"), " ", h("code", {}, one.by)), ...Object.entries(one.criteria).map(([name, text]) => h("p", {}, name, ": ", h("code", {}, text)))] : [h("code", {}, one.expression ?? "")];
  return h("tr", {}, h("th", { scope: "row" }, one.label, h("span", { class: "muted" }, ` ${one.field}`)), h("td", {}, lines), h("td", {}, one.unit ?? ""));
}

const said = (example) => Object.entries(example).map(([name, value]) => `${name} = ${value}`).join(", ");

/** What is proven of a table, in words. */
function proof({ complete, gaps, overlaps, unreachable, reason }, policy) {
  const lines = [
    complete === true && ["fine", t("proofComplete")], complete === null && ["muted", t("proofUnknown", { reason })],
    ...gaps.slice(0, 3).map((one) => ["warning", t("proofGap", { example: said(one) })]),
    policy === "UNIQUE" && !overlaps.length && ["fine", t("proofNoOverlap")],
    ...(policy === "UNIQUE" ? overlaps.slice(0, 3).map((one) => ["failure", t("proofOverlap", { rules: one.rules.join(", "), example: said(one.example) })]) : []),
    unreachable.length && ["failure", t("proofUnreachable", { rules: unreachable.join(", ") })],
  ];
  return h("ul", { class: "proof" }, lines.filter(Boolean).map(([kind, text]) => h("li", { class: kind }, text)));
}

/**
 * A decision table as it is written, with its proof; or with the rules that fired, each with the fields it decided.
 * @param {any} one @param {Map<number, string[]>} [fired] by the number of the rule
 */
export function decisionTable(one, fired) {
  const isNoted = one.rules.some((rule) => rule.annotation);
  const titles = [t("deskRule"), ...one.inputs, ...one.outputs, ...(isNoted ? [t("annotation")] : [])];
  const rows = one.rules.map((rule, n) => h("tr", { class: fired?.has(n + 1) ? "fired" : null, "data-rule": n + 1 }, h("th", { scope: "row" }, String(n + 1), fired?.has(n + 1) && h("span", {}, ` ${t("firedFor", { fields: fired.get(n + 1).join(", ") })}`)), rule.inputs.map((cell) => h("td", {}, h("code", {}, cell))),
    rule.outputs.map((cell) => h("td", { class: "out" }, h("code", {}, cell))), isNoted && h("td", { class: "muted" }, rule.annotation)));
  return h("section", { class: "decision" }, h("div", { class: "desk-head" }, h("h2", {}, one.name), h("span", { class: "muted" }, one.hit_policy)),
    one.criteria || one.source ? h("p", { class: "muted" }, [one.criteria, one.source].filter(Boolean).join(" · ")) : "",
    h("div", { class: "scrolls", role: "region", tabindex: "0", "aria-label": t("tableNamed", { name: one.name }) }, table(one.name, titles, rows)), fired ? "" : proof(one.proof, one.hit_policy));
}

/** @param {HTMLElement} place @param {string} id */
export async function cases(place, id) {
  const { cases: found, labels } = await logicOf(id);
  const passed = found.filter((one) => one.passed).length;
  const pairs = (values) => h("ul", { class: "pairs" }, Object.entries(values).map(([key, value]) => h("li", {}, labels[key] || key, " ", h("code", {}, value ?? t("noValue")))));
  const miss = (one) => h("p", { class: "failure" }, t("cameOut", { field: labels[one.field] || one.field, expected: one.expected ?? t("noValue"), got: one.got ?? t("noValue") }));
  const rows = found.map((one) => h("tr", { class: one.passed ? null : "changed" }, h("th", { scope: "row" }, one.name, one.why && h("p", { class: "muted" }, one.why)),
    h("td", {}, one.passed ? h("span", { class: "fine" }, t("passed")) : h("span", { class: "failure" }, t("missed"))),
    h("td", {}, pairs(one.values)), h("td", {}, pairs(one.expected), one.refused && h("p", { class: "failure", lang: "en" }, one.refused), one.misses.map(miss))));
  place.replaceChildren(h("p", {}, t("casesPassed", { passed, all: found.length })), table(t("part_cases"), heads("case", "state", "entered", "mustFollow"), rows, t("noCases")));
}
