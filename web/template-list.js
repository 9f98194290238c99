// Every template: those that lie in folders, and those that were stored.

import * as api from "./desk-api.js";
import { section, table } from "./desk.js";
import { h } from "./dom.js";
import { day } from "./format.js";
import "./texts-templates.js";
import { known, language, t } from "./strings.js";
import { problemsN } from "./template-said.js";

const PAGE = 500;
const SHOWN = 100;

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

/** Whether no new reports are made from a template. @param {string} status */
export const isRetired = (status) => status.toUpperCase() === "RETIRED";

/** All of them, page by page; `drawn` is told of each page. @param {(found: any[]) => void} drawn @param {AbortSignal} signal */
async function all(drawn, signal) {
  const found = [];
  for (let more = true; more && !signal.aborted;) {
    const page = await api.get(`templates?limit=${PAGE}&offset=${found.length}`);
    found.push(...page);
    more = page.length === PAGE;
    if (!signal.aborted) drawn(found);
  }
}

const holds = (one, words) => {
  const text = [one.title, ...Object.values(one.translations ?? {}), one.name, one.identifier, one.publisher, ...one.modality].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
};

/** @param {HTMLElement} pane @param {string[]} _ @param {any} __ @param {AbortSignal} signal when the room is left */
export async function show(pane, _, __, signal) {
  let found = [];
  let shown = SHOWN;
  const count = h("span", { class: "count", role: "status" });
  const list = h("div", { class: "part" });
  const draw = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = found.filter((one) => holds(one, words));
    count.textContent = words.length ? t("someOf", { n: wanted.length, all: found.length }) : String(found.length);
    const more = h("button", { type: "button", class: "small", onclick: () => {
      shown += SHOWN;
      draw();
    } }, t("more"));
    list.replaceChildren(table(t("templates_all"), ["template", "language", "fieldsN", "status", "version", "problems"].map((key) => t(key)), wanted.slice(0, shown).map(row), words.length ? t("noTemplateMatches") : undefined), wanted.length > shown ? more : "");
  };
  const search = h("input", { type: "search", id: "template-search", autocomplete: "off", "aria-label": t("searchTemplates"), placeholder: t("searchTemplates"), oninput: () => {
    shown = SHOWN;
    draw();
  } });
  await all((page) => {
    found = page;
    if (!list.isConnected) pane.replaceChildren(section(t("templates_all"), [search, count], list));
    draw();
  }, signal);
}

function row(one) {
  return h("tr", { class: isRetired(one.status) ? "off" : null },
    h("th", { scope: "row" }, h("a", { href: addressOf(one.name) }, one.translations?.[language()] || one.title || one.name), h("span", { class: "muted" }, ` ${one.identifier}`)),
    h("td", {}, languageName(one.language)), h("td", { class: "number" }, String(one.fields)), h("td", {}, statusOf(one.status)),
    h("td", {}, one.version === null ? t(`origin_${one.origin}`) : t("versionOf", { n: one.version }), one.date && h("span", { class: "muted" }, ` ${day(one.date)}`)),
    h("td", {}, one.problems.length ? h("span", { class: "failure" }, problemsN(one.problems.length)) : ""));
}
