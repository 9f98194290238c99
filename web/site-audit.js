// The audit log: whether its chain is intact, who did what, and the log for other systems.

import * as api from "./desk-api.js";
import { action, failureOf, section, table } from "./desk.js";
import { h } from "./dom.js";
import { moment } from "./format.js";
import { known, language, t } from "./strings.js";
import { audited } from "./texts-desk.js";

const FILTERS = ["actor", "action", "report", "from", "to"];

/** @param {HTMLElement} pane */
export async function show(pane) {
  const inputs = FILTERS.map((name) => (name === "action" ? actions() : h("input", { id: `audit-${name}`, name, type: ["from", "to"].includes(name) ? "date" : "text", autocomplete: "off" })));
  const list = h("div", { "aria-live": "polite" });
  const exports = h("p", { class: "exports" });
  const asked = () => new URLSearchParams(inputs.filter((one) => one.value.trim()).map((one) => [one.name, one.name === "to" ? dayAfter(one.value) : one.value.trim()]));
  const look = async (event) => {
    event?.preventDefault();
    try {
      const page = await api.get(`audit?limit=100&${asked()}`);
      list.replaceChildren(table(t("site_audit"), ["number", "when", "who", "what", "about", "from"].map((key) => t(`audit_${key}`)), page.events.map(row)));
      if (page.next) more(list.querySelector("tbody"), page.next, asked());
    } catch (error) {
      list.replaceChildren(failureOf(error));
    }
    exports.replaceChildren(t("exportAs"), ...["json", "dicom", "fhir"].map((format) =>
      h("a", { href: `${api.root}/audit?format=${format}&limit=1000&order=oldest&${asked()}`, download: `audit.${format === "dicom" ? "xml" : format === "fhir" ? "ndjson" : "jsonl"}` }, t(`audit_as_${format}`))));
  };
  const fields = inputs.map((input) => h("label", {}, h("span", {}, t(`audit_${input.name === "from" ? "since" : input.name}`)), input));
  pane.replaceChildren(chain(), section(t("site_audit"), [],
    h("form", { class: "filters", onsubmit: look }, fields, h("button", { class: "small" }, t("show"))), list, exports));
  await look();
}

/** What is done, in the order of the words for it. */
function actions() {
  const all = audited().sort((one, other) => words(one).localeCompare(words(other), language()));
  return h("select", { id: "audit-action", name: "action", onchange: (event) => event.target.form.requestSubmit() }, h("option", { value: "" }, t("anything")), all.map((name) => h("option", { value: name }, words(name))));
}

/** Days are asked for with their last moment. */
function dayAfter(text) {
  const next = new Date(`${text}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}

function more(body, cursor, asked) {
  const line = h("tr", {}, h("td", { colspan: 6 }, action(t("more"), async () => {
    const page = await api.get(`audit?limit=100&cursor=${cursor}&${asked}`);
    line.replaceWith(...page.events.map(row));
    if (page.next) more(body, page.next, asked);
  })));
  body.append(line);
}

const words = (name) => (known(`action_${name}`) ? t(`action_${name}`) : name.replaceAll("-", " "));

function row(event) {
  const about = event.report_id
    ? h("a", { href: `#/reports/${encodeURIComponent(event.report_id)}` }, event.version ? t("reportVersion", { version: event.version }) : t("audit_report"))
    : event.document ? h("code", {}, event.document) : "";
  return h("tr", { class: event.outcome !== "success" ? "changed" : null }, h("td", { class: "number" }, String(event.id)),
    h("td", {}, h("time", { datetime: event.at }, moment(event.at))), h("td", {}, event.actor),
    h("td", {}, words(event.action), event.outcome !== "success" && h("span", { class: "failure" }, ` ${t("refusedShort")}`)), h("td", {}, about), h("td", { class: "muted" }, event.source ?? ""));
}

function chain() {
  const said = h("div", { "aria-live": "polite" }, h("p", { class: "muted" }, t("chainExplained")));
  const check = action(t("checkChain"), async () => {
    said.replaceChildren(h("p", { class: "muted" }, t("checking")));
    const found = await api.get("audit/verification");
    said.replaceChildren(h("p", { class: found.intact ? "fine" : "failure" }, t(found.intact ? "chainIntact" : "chainBroken", { events: found.events, versions: found.versions, stored: found.stored, n: found.count })),
      h("p", { class: "muted" }, t("chainHead"), " ", h("code", {}, `${found.head.hash} ${found.head.event}`)),
      found.findings.length ? h("ul", { class: "findings" }, found.findings.map((one) => h("li", {}, one.message))) : "");
  });
  check.id = "check-chain";
  return section(t("chainTitle"), [check], said);
}
