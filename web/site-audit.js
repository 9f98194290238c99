// The audit log: whether its chain is intact, who did what, and the log for other systems.

import * as api from "./desk-api.js";
import { action, failureOf, section, table } from "./desk.js";
import { chain } from "./site-chain.js";
import { h } from "./dom.js";
import { moment } from "./format.js";
import { begins } from "./site-days.js";
import { known, language, t } from "./strings.js";
import { audited } from "./texts-desk.js";

const FILTERS = ["actor", "action", "report", "patient", "from", "to"];

/** @param {HTMLElement} pane @param {string[]} _ @param {any} session @param {AbortSignal} signal when the room is left */
export async function show(pane, _, session, signal) {
  const inputs = FILTERS.map((name) => (name === "action" ? actions() : h("input", { id: `audit-${name}`, name, type: ["from", "to"].includes(name) ? "date" : "text", autocomplete: "off" })));
  const list = h("div", { "aria-live": "polite" });
  const exports = h("p", { class: "exports" });
  const asked = () => new URLSearchParams(inputs.filter((one) => one.value.trim()).map((one) => [one.name, one.type === "date" ? begins(one.value, one.name === "to" ? 1 : 0).toISOString() : one.value.trim()]));
  let looks = 0;
  const look = async (event) => {
    event?.preventDefault();
    const [mine, query] = [(looks += 1), asked()];
    list.setAttribute("aria-busy", "true");
    exports.replaceChildren(t("exportAll"), ...["json", "dicom", "fhir"].map((format) =>
      h("a", { href: `${api.root}/audit?format=${format}&whole=true&${query}`, download: "" }, t(`audit_as_${format}`))));
    try {
      const page = await api.get(`audit?limit=100&${query}`);
      if (mine !== looks) return; // a later question is answered instead
      list.replaceChildren(table(t("site_audit"), ["number", "when", "who", "what", "about", "details", "from"].map((key) => t(`audit_${key}`)), page.events.map(row)));
      if (page.next) more(list.querySelector("tbody"), page.next, query);
    } catch (error) {
      if (mine === looks) list.replaceChildren(failureOf(error));
    }
    if (mine === looks) list.setAttribute("aria-busy", "false");
  };
  const fields = inputs.map((input) => h("label", {}, h("span", {}, t(`audit_${input.name === "from" ? "since" : input.name}`)), input));
  pane.replaceChildren(chain(session, signal), section(t("site_audit"), [],
    h("form", { class: "filters", onsubmit: look }, fields, h("button", { class: "small" }, t("show"))), list, exports));
  await look();
}

/** What is done, in the order of the words for it. */
function actions() {
  const all = audited().sort((one, other) => words(one).localeCompare(words(other), language()));
  return h("select", { id: "audit-action", name: "action", onchange: (event) => event.target.form.requestSubmit() }, h("option", { value: "" }, t("anything")), all.map((name) => h("option", { value: name }, words(name))));
}

function more(body, cursor, asked) {
  const line = h("tr", {}, h("td", { colspan: 7 }, action(t("more"), async () => {
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
    h("td", {}, h("time", { datetime: event.at }, moment(event.at))), h("td", { class: "actor" }, event.actor),
    h("td", {}, words(event.action), event.outcome !== "success" && h("span", { class: "failure" }, ` ${t("refusedShort")}`)), h("td", {}, about), h("td", { class: "muted details" }, details(event)), h("td", { class: "muted" }, event.source ?? ""));
}

/** What the log calls something, in the language of the page; a name without words there stays, as English. */
const named = (kind, name) => (known(`${kind}_${name}`) ? t(`${kind}_${name}`) : h("span", { lang: "en" }, name.replaceAll("_", " ")));
const valueOf = (name, value) => (name === "operation" ? named("operation", value) : typeof value === "string" ? value : JSON.stringify(value));

/** What else the log says of an event: the reason that somebody gave first, and in full. */
function details(event) {
  const { reason, ...rest } = JSON.parse(event.detail || "{}") ?? {};
  const others = Object.entries(rest).filter(([, value]) => value !== null).map(([name, value], n) => [n > 0 && " · ", named("detail", name), ": ", valueOf(name, value)]);
  const fold = others.length > 0 && h("details", {}, h("summary", {}, rest.operation ? named("operation", rest.operation) : t("audit_details")), h("div", {}, others));
  return [reason && h("p", {}, t("reason"), ": ", String(reason)), fold].filter(Boolean);
}
