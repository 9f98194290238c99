// Devices, what became of what they sent, and what they measure that no binding wants, with what could be done about it.

import * as api from "./desk-api.js";
import { action, section, table } from "./desk.js";
import { h } from "./dom.js";
import { moment, quantity } from "./format.js";
import { language, t } from "./strings.js";

const PAGE = 20;

/** @param {HTMLElement} pane */
export async function show(pane) {
  const [health, lines, devices, page] = await Promise.all(["health", `unmapped?language=${language()}`, "devices", `deliveries?limit=${PAGE}&language=${language()}`].map(api.get));
  const models = grouped(lines);
  pane.replaceChildren(reception(health), seen(devices), deliveries(page), ...(models.size ? [...models].map(([name, found]) => device(name, found))
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

function seen(devices) {
  const rows = devices.map((one) => h("tr", {}, h("th", { scope: "row" }, one.device || t("unnamedDevice")), h("td", { class: "number" }, String(one.documents)), h("td", { class: "number" }, String(one.measurements)), when(one.first_received), when(one.last_received)));
  return section(t("devicesSeen"), [], table(t("devicesSeen"), ["device", "documents", "measurements", "firstSeen", "lastSeen"].map((key) => t(`col_${key}`)), rows));
}

const when = (iso) => h("td", {}, h("time", { datetime: iso }, moment(iso)));

/** What came in of late and what became of it; what went wrong can be asked for alone. */
function deliveries(page) {
  const body = h("div", { "aria-live": "polite" });
  const draw = (found) => body.replaceChildren(table(t("deliveries"), ["col_received", "col_via", "col_source", "state", "col_instance", "col_reason"].map((key) => t(key)), found.deliveries.map(delivery)), more(found.next));
  const asked = () => `deliveries?limit=${PAGE}&language=${language()}${onlyWrong.checked ? "&state=failed&state=conflict" : ""}`;
  const more = (next) => next && h("p", {}, action(t("more"), async () => {
    const found = await api.get(`${asked()}&cursor=${encodeURIComponent(next)}`);
    body.querySelector("tbody").append(...found.deliveries.map(delivery));
    body.lastElementChild.replaceWith(more(found.next));
  })) || "";
  const onlyWrong = h("input", { type: "checkbox", id: "only-wrong", onchange: async () => draw(await api.get(asked())) });
  draw(page);
  return section(t("deliveries"), [h("label", { class: "box", for: "only-wrong" }, onlyWrong, " ", t("onlyWrong"))], body);
}

function delivery(one) {
  const wrong = ["failed", "conflict"].includes(one.state);
  return h("tr", { class: wrong ? "changed" : null }, when(one.received_at), h("td", {}, one.via), h("td", {}, one.source), h("td", {}, h("span", { class: wrong ? "failure" : null }, t(`delivery_${one.state}`))),
    h("td", {}, h("code", {}, one.sop_instance_uid || "–")), h("td", { class: "muted", lang: one.language }, one.reason));
}

const code = (one) => (one ? [h("span", {}, one.meaning || one.value), " ", h("code", {}, `${one.scheme} ${one.value}`)] : "");

function device(name, lines) {
  const rows = lines.map((line) => h("tr", {}, h("th", { scope: "row" }, code(line.code)),
    h("td", {}, [line.site?.meaning, line.segment?.meaning].filter(Boolean).join(", ")),
    h("td", { class: "number" }, String(line.count)),
    h("td", { class: "number" }, line.lowest === null ? "" : line.lowest === line.highest ? quantity(line.lowest, line.unit) : `${quantity(line.lowest, "")} – ${quantity(line.highest, line.unit)}`),
    h("td", {}, h("time", { datetime: line.last_seen }, moment(line.last_seen))),
    h("td", {}, h("span", { lang: line.language }, line.reason), line.proposal && proposal(line.proposal, line.language))));
  return section(name, [h("span", { class: "count" }, String(lines.length))],
    table(t("unmappedOf", { name }), ["measurement", "where", "howOften", "range", "lastSeen", "why"].map((key) => t(`col_${key}`)), rows));
}

function proposal({ kind, field, yaml, why }, spoken) {
  const copy = h("button", { type: "button", class: "small", onclick: async () => {
    await navigator.clipboard.writeText(yaml);
    copy.textContent = t("copiedShort");
  } }, t("copyRow"));
  return h("details", { class: "proposal" }, h("summary", {}, t(kind === "binding" ? "proposedBinding" : "proposedProfile", { field })),
    h("p", { class: "muted", lang: spoken }, why), h("pre", { tabindex: "0" }, yaml), copy);
}
