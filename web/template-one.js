// One template: how readers see it, its logic as tables with their proof, its cases, a bench, and its versions.

import * as api from "./desk-api.js";
import { action, section, table } from "./desk.js";
import { h } from "./dom.js";
import { emptyForm } from "./empty-form.js";
import { quantity } from "./format.js";
import { language, t } from "./strings.js";
import { addressOf, statusOf } from "./template-list.js";

const PARTS = ["preview", "logic", "cases", "bench", "problems", "versions"];

/** @param {HTMLElement} pane @param {string[]} rest @param {any} session */
export async function show(pane, [coded = "", part = "preview"], session) {
  const name = decodeURIComponent(coded);
  const id = encodeURIComponent(name);
  const template = await api.get(`templates/${id}`);
  const open = PARTS.includes(part) ? part : "preview";
  const links = PARTS.map((one) => h("a", { href: addressOf(name, one), "aria-current": one === open ? "page" : null }, t(`part_${one}`)));
  const place = h("div", { class: "part" }, h("p", { class: "muted" }, t("loading")));
  const acts = [h("a", { href: `${api.root}/templates/${id}/package`, download: "" }, t("download"))];
  if (session.permissions.includes("manage-templates")) {
    acts.push(action(t("retire"), async () => {
      if (!window.confirm(t("retireSure", { name: template.title }))) return;
      await api.send("DELETE", `templates/${id}`);
      await show(pane, [coded, part], session);
    }));
  }
  pane.replaceChildren(section(template.translations?.[language()] || template.title || name, acts, h("p", { class: "muted" }, [template.identifier, statusOf(template.status), template.publisher].filter(Boolean).join(" · ")),
    h("nav", { class: "parts", "aria-label": t("parts") }, links), place));
  await { preview, logic, cases, bench, problems, versions }[open](place, id, template);
}

async function preview(place, id, template) {
  place.replaceChildren(emptyForm(await api.text(`templates/${id}/form`), template.fields));
}

const logicOf = (id) => api.get(`template-desk/logic/${id}?language=${language()}`);

async function logic(place, id) {
  const found = await logicOf(id);
  const nothing = !found.tables.length && !found.calculations.length && !found.conditions.length;
  place.replaceChildren(...(nothing ? [h("p", { class: "muted" }, t("noLogic"))] : [
    ...found.tables.map(decisionTable),
    found.calculations.length ? section(t("calculations"), [], table(t("calculations"), ["deskField", "expression", "unit"].map((key) => t(key)), found.calculations.map(calculation))) : "",
    found.formulas.length ? section(t("formulas"), [], table(t("formulas"), ["deskField", "expression", "deskCriteria"].map((key) => t(key)), found.formulas.map((one) =>
      h("tr", {}, h("th", { scope: "row" }, `${one.name}(${one.parameters.join(", ")})`), h("td", {}, h("pre", {}, one.text)), h("td", {}, [one.criteria, one.source].filter(Boolean).join(" · ")))))) : "",
    found.conditions.length ? section(t("conditions"), [], table(t("conditions"), ["kind", "deskField", "condition", "message"].map((key) => t(key)), found.conditions.map((one) =>
      h("tr", {}, h("td", {}, t(`condition_${one.kind}`)), h("th", { scope: "row" }, one.field ?? one.name), h("td", {}, h("code", {}, one.text)), h("td", {}, one.message))))) : "",
  ]));
}

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

function decisionTable(one) {
  const isNoted = one.rules.some((rule) => rule.annotation);
  const heads = [t("deskRule"), ...one.inputs, ...one.outputs, ...(isNoted ? [t("annotation")] : [])];
  const rows = one.rules.map((rule, n) => h("tr", {}, h("th", { scope: "row" }, String(n + 1)), rule.inputs.map((cell) => h("td", {}, h("code", {}, cell))),
    rule.outputs.map((cell) => h("td", { class: "out" }, h("code", {}, cell))), isNoted && h("td", { class: "muted" }, rule.annotation)));
  return h("section", { class: "decision" }, h("div", { class: "desk-head" }, h("h2", {}, one.name), h("span", { class: "muted" }, one.hit_policy)),
    one.criteria || one.source ? h("p", { class: "muted" }, [one.criteria, one.source].filter(Boolean).join(" · ")) : "",
    h("div", { class: "scrolls", role: "region", tabindex: "0", "aria-label": t("tableNamed", { name: one.name }) }, table(one.name, heads, rows)), proof(one.proof, one.hit_policy));
}

async function cases(place, id) {
  const { cases: found } = await logicOf(id);
  const passed = found.filter((one) => one.passed).length;
  const rows = found.map((one) => h("tr", { class: one.passed ? null : "changed" }, h("th", { scope: "row" }, one.name), h("td", {}, one.passed ? h("span", { class: "fine" }, t("passed")) : h("span", { class: "failure" }, t("missed"))),
    h("td", {}, one.refused ?? one.misses.map((miss) => h("p", {}, `${miss.field}: ${miss.expected ?? "–"} ≠ ${miss.got ?? "–"}`))), h("td", { class: "muted" }, one.why)));
  place.replaceChildren(h("p", {}, t("casesPassed", { passed, all: found.length })), table(t("part_cases"), ["case", "state", "differs", "why"].map((key) => t(key)), rows, t("noCases")));
}

const labelOf = (field) => (field.translations?.[language()] ?? field.label) || field.key;

/** Values are tried, and every rule that fires is shown; nothing is stored. */
function bench(place, id, template) {
  const name = decodeURIComponent(id);
  const out = h("div", { class: "bench-out", "aria-live": "polite" });
  const inputs = template.fields.filter((field) => !["label"].includes(field.kind)).map((field) => {
    const choices = field.choices?.filter((choice) => !choice.blank) ?? [];
    const control = choices.length ? h("select", { name: field.key }, h("option", { value: "" }, ""), choices.map((choice) => h("option", { value: choice.value }, choice.translations?.[language()] ?? choice.text)))
      : h("input", { type: "text", name: field.key, autocomplete: "off" });
    return h("label", {}, h("span", {}, labelOf(field), field.unit && h("span", { class: "muted" }, ` ${field.unit}`)), control);
  });
  let timer = 0;
  let asked = 0;
  const run = async () => {
    const turn = (asked += 1); // the answer to what was asked before may come later
    const show = (...nodes) => turn === asked && out.replaceChildren(...nodes);
    const values = Object.fromEntries([...form.elements].filter((one) => one.name && one.value !== "").map((one) => [one.name, one.value]));
    try {
      const found = await api.send("POST", "evaluate", { template: name, values, language: language() });
      show(...fired(found, template));
    } catch (error) {
      show(h("p", { class: "failure", role: "alert" }, (error.errors ?? []).map((one) => one.message).join(" ") || error.message));
    }
  };
  const form = h("form", { class: "bench-form", oninput: () => {
    clearTimeout(timer);
    timer = setTimeout(run, 250);
  }, onsubmit: (event) => (event.preventDefault(), run()) }, inputs);
  place.replaceChildren(h("p", { class: "muted" }, t("benchExplained")), h("div", { class: "side-by-side" }, form, out));
  return run();
}

function fired(found, template) {
  const labels = new Map(template.fields.map((field) => [field.key, labelOf(field)]));
  const rows = Object.entries(found.values).filter(([, one]) => one.provenance === "calculated" && one.value !== null).map(([key, one]) => {
    const why = found.explanations[key];
    return h("tr", {}, h("th", { scope: "row" }, labels.get(key) ?? key), h("td", {}, one.text || quantity(one.value, one.unit)),
      h("td", {}, why ? [why.decision, why.rule && t("rule", { n: why.rule }), why.criteria].filter(Boolean).join(" · ") : ""));
  });
  const problems = found.problems.map((one) => h("li", { class: one.severity }, one.message));
  return [table(t("calculations"), ["deskField", "value", "deskBecause"].map((key) => t(key)), rows, t("nothingFollows")), problems.length ? h("ul", { class: "items" }, problems) : ""];
}

async function problems(place, id) {
  const found = await api.get(`templates/${id}/problems`);
  place.replaceChildren(table(t("problems"), ["line", "rule", "problem", "remedy"].map((key) => t(`col_${key}`)), found.map((one) =>
    h("tr", {}, h("td", { class: "number" }, String(one.line ?? "")), h("td", {}, h("code", {}, one.rule)), h("th", { scope: "row", lang: "en" }, one.message), h("td", { class: "muted", lang: "en" }, one.mend ?? ""))), t("noProblems")));
}

async function versions(place, id) {
  (await import("./template-versions.js")).show(place, id, await api.get(`templates/${id}/versions`));
}
