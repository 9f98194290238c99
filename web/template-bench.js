// The bench: values are tried, and every rule that fires is shown in its table; nothing is stored.

import * as api from "./desk-api.js";
import { table } from "./desk.js";
import { h } from "./dom.js";
import { quantity } from "./format.js";
import { decisionTable, logicOf } from "./template-logic.js";
import "./texts-templates.js";
import { language, t } from "./strings.js";
import { wrong } from "./template-said.js";

const PAUSE = 250; // ms after the last key
const labelOf = (field) => (field.translations?.[language()] ?? field.label) || field.key;
const textOf = (choice) => choice.translations?.[language()] ?? choice.text;

/** @param {HTMLElement} place @param {string} id @param {any} template */
export function bench(place, id, template) {
  const follows = h("div", { "aria-live": "polite" });
  const rules = h("div", { class: "part" });
  const controls = template.fields.map(control);
  const tables = logicOf(id).then((found) => new Map(found.tables.map((one) => [one.name, one])), () => new Map());
  let timer = 0;
  let asked = 0;
  const run = async () => {
    const turn = (asked += 1); // the answer to what was asked before may come later
    const values = Object.fromEntries(controls.map(({ field, read }) => [field.key, read()]).filter(([, value]) => value.length !== 0 && value !== false));
    const answer = await api.send("POST", "evaluate", { template: decodeURIComponent(id), values, language: language() }).catch((error) => error);
    if (turn !== asked) return;
    if (answer instanceof Error) {
      const error = /** @type {any} */ (answer);
      return follows.replaceChildren(h("p", { class: "failure", role: "alert" }, (error.errors ?? []).map((one) => one.message).join(" ") || error.message || t("serverAway")));
    }
    const irrelevant = new Set(answer.irrelevant);
    for (const { field, element } of controls) element.hidden = irrelevant.has(field.key) || irrelevant.has(field.section);
    follows.replaceChildren(...fired(answer, template));
    const drawn = firedIn(answer, template, await tables);
    if (turn === asked) rules.replaceChildren(...drawn);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(run, PAUSE);
  };
  const form = h("form", { class: "bench-form", oninput: soon, onsubmit: (event) => (event.preventDefault(), run()) }, controls.map(({ element }) => element));
  place.replaceChildren(h("p", { class: "muted" }, t("benchExplained")), h("div", { class: "side-by-side" }, form, h("div", { class: "bench-out" }, follows, rules)));
  return run();
}

/** A control for a field, and what it holds: a text, a yes, or several values. @param {any} field */
function control(field) {
  const choices = field.choices?.filter((choice) => !choice.blank) ?? [];
  const title = [labelOf(field), field.unit && h("span", { class: "muted" }, ` ${field.unit}`)];
  const box = (value, text) => h("label", { class: "box" }, h("input", { type: "checkbox", name: field.key, value }), h("span", {}, text));
  if (["select-multiple", "checkbox-group"].includes(field.kind)) {
    const element = h("fieldset", {}, h("legend", {}, title), choices.map((choice) => box(choice.value, textOf(choice))));
    return { field, element, read: () => [...element.querySelectorAll("input:checked")].map((one) => one.value) };
  }
  if (field.kind === "checkbox") {
    const element = box("yes", title);
    return { field, element, read: () => element.firstElementChild.checked };
  }
  const input = choices.length ? h("select", { name: field.key }, h("option", { value: "" }, ""), choices.map((choice) => h("option", { value: choice.value }, textOf(choice))))
    : h("input", { type: "text", name: field.key, autocomplete: "off" });
  return { field, element: h("label", {}, h("span", {}, title), input), read: () => input.value.trim() };
}

const calculated = (found) => Object.entries(found.values).filter(([, one]) => one.provenance === "calculated" && one.value !== null);

function fired(found, template) {
  const labels = new Map(template.fields.map((field) => [field.key, labelOf(field)]));
  const rows = calculated(found).map(([key, one]) => {
    const why = found.explanations[key];
    const inputs = Object.entries(why?.inputs ?? {}).map(([name, value]) => `${name} = ${value}`).join(", ");
    return h("tr", {}, h("th", { scope: "row" }, labels.get(key) ?? key), h("td", {}, one.text || quantity(one.value, one.unit)),
      h("td", {}, why ? [why.decision, why.rule && t("rule", { n: why.rule }), why.criteria].filter(Boolean).join(" · ") : "", inputs && h("p", { class: "muted" }, inputs)));
  });
  const problems = found.problems.map((one) => h("li", { class: one.severity }, wrong(one)));
  return [table(t("calculations"), ["deskField", "value", "deskBecause"].map((key) => t(key)), rows, t("nothingFollows")), problems.length ? h("ul", { class: "items" }, problems) : ""];
}

/** The tables that decided something, with the rules that fired. @param {Map<string, any>} tables */
function firedIn(found, template, tables) {
  const labels = new Map(template.fields.map((field) => [field.key, labelOf(field)]));
  const rules = new Map();
  for (const [key] of calculated(found)) {
    const why = found.explanations[key];
    if (!why?.rule || !tables.has(why.decision)) continue;
    const of = rules.get(why.decision) ?? new Map();
    rules.set(why.decision, of.set(why.rule, [...(of.get(why.rule) ?? []), labels.get(key) ?? key]));
  }
  return [...rules].map(([name, of]) => decisionTable(tables.get(name), of));
}
