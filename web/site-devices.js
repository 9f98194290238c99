// How the ways in are doing, and what devices measure that no binding wants, with what could be done about it.

import * as api from "./desk-api.js";
import { section, table } from "./desk.js";
import { h } from "./dom.js";
import { moment, quantity } from "./format.js";
import { t } from "./strings.js";

/** @param {HTMLElement} pane */
export async function show(pane) {
  const [health, lines] = await Promise.all([api.get("health"), api.get("unmapped")]);
  const models = grouped(lines);
  pane.replaceChildren(reception(health), ...(models.size ? [...models].map(([name, found]) => device(name, found))
    : [section(t("unmappedInbox"), [], h("p", { class: "muted" }, t("nothingUnmapped")))]));
}

const deviceOf = (line) => [line.manufacturer, line.model].filter(Boolean).join(" ") || t("unnamedDevice");

function grouped(lines) {
  const found = new Map();
  for (const line of lines) found.set(deviceOf(line), [...(found.get(deviceOf(line)) ?? []), line]);
  return found;
}

function reception({ reception: { importing, error, inbox, dicom }, templates, version }) {
  const rows = [
    [t("serverVersion"), version], [t("templatesReady"), t(templates.ready ? "allCompiled" : "soManyCompiled", { n: templates.compiled })],
    [t("importState"), error ? `${t("error")}: ${error}` : t(importing ? "importRuns" : "importIdle")],
    ...Object.entries(inbox).map(([state, n]) => [t(`inbox_${state}`), String(n)]),
    ...Object.entries(dicom ?? {}).map(([what, n]) => [`DICOM: ${what.replaceAll("_", " ")}`, String(n)]),
  ];
  return section(t("waysIn"), [], h("dl", { class: "facts wide" }, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
}

const code = (one) => (one ? [h("span", {}, one.meaning || one.value), " ", h("code", {}, `${one.scheme} ${one.value}`)] : "");

function device(name, lines) {
  const rows = lines.map((line) => h("tr", {}, h("th", { scope: "row" }, code(line.code)),
    h("td", {}, [line.site?.meaning, line.segment?.meaning].filter(Boolean).join(", ")),
    h("td", { class: "number" }, String(line.count)),
    h("td", { class: "number" }, line.lowest === null ? "" : line.lowest === line.highest ? quantity(line.lowest, line.unit) : `${quantity(line.lowest, "")} – ${quantity(line.highest, line.unit)}`),
    h("td", {}, h("time", { datetime: line.last_seen }, moment(line.last_seen))),
    h("td", {}, line.reason, line.proposal && proposal(line.proposal))));
  return section(name, [h("span", { class: "count" }, String(lines.length))],
    table(t("unmappedOf", { name }), ["measurement", "where", "howOften", "range", "lastSeen", "why"].map((key) => t(`col_${key}`)), rows));
}

function proposal({ kind, field, yaml, why }) {
  const copy = h("button", { type: "button", class: "small", onclick: async () => {
    await navigator.clipboard.writeText(yaml);
    copy.textContent = t("copiedShort");
  } }, t("copyRow"));
  return h("details", { class: "proposal" }, h("summary", {}, t(kind === "binding" ? "proposedBinding" : "proposedProfile", { field })),
    h("p", { class: "muted" }, why), h("pre", { tabindex: "0" }, yaml), copy);
}
