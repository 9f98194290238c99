// Every template: those that lie in folders, and those that were stored.

import * as api from "./desk-api.js";
import { section, table } from "./desk.js";
import { h } from "./dom.js";
import { day } from "./format.js";
import { known, language, t } from "./strings.js";

export const addressOf = (name, part = "") => `#/templates/one/${encodeURIComponent(name)}${part ? `/${part}` : ""}`;

/** What the status of a template is called; those of MRRT are known. @param {string} status */
export const statusOf = (status) => (known(`template_${status.toLowerCase()}`) ? t(`template_${status.toLowerCase()}`) : status);

/** A language in the language of the page. @param {string} code */
function languageName(code) {
  try {
    return new Intl.DisplayNames(language(), { type: "language" }).of(code) ?? code;
  } catch {
    return code; // a template may say anything
  }
}

/** @param {HTMLElement} pane */
export async function show(pane) {
  const found = await api.get("templates?limit=500");
  const rows = found.map((one) => h("tr", { class: one.status.toUpperCase() === "RETIRED" ? "off" : null },
    h("th", { scope: "row" }, h("a", { href: addressOf(one.name) }, one.translations?.[language()] || one.title || one.name), h("span", { class: "muted" }, ` ${one.identifier}`)),
    h("td", {}, languageName(one.language)), h("td", { class: "number" }, String(one.fields)), h("td", {}, statusOf(one.status)),
    h("td", {}, one.version === null ? t(`origin_${one.origin}`) : t("versionOf", { n: one.version }), one.date && h("span", { class: "muted" }, ` ${day(one.date)}`)),
    h("td", {}, one.problems.length ? h("span", { class: "failure" }, t("problemsN", { n: one.problems.length })) : "")));
  pane.replaceChildren(section(t("templates_all"), [h("span", { class: "count" }, String(found.length))],
    table(t("templates_all"), ["template", "language", "fieldsN", "status", "version", "problems"].map((key) => t(key)), rows)));
}
