// The versions of a template, and what one says differently from the one before: its fields, then its texts by line.

import * as api from "./desk-api.js";
import { action, section, table } from "./desk.js";
import { h, hiddenText } from "./dom.js";
import { moment } from "./format.js";
import "./texts-templates.js";
import { t } from "./strings.js";
import { statusOf } from "./template-list.js";

/** @param {HTMLElement} place @param {string} id @param {any[]} found the newest first */
export function show(place, id, found) {
  const difference = h("div", { class: "part", "aria-live": "polite" });
  const compare = (one, earlier) => action(t("compare", { n: earlier.version }), async () => {
    difference.replaceChildren(...differences(await api.get(`templates/${id}/versions/${one.version}/difference?from=${earlier.version}`)));
    difference.scrollIntoView({ block: "nearest" });
  });
  const row = (one, n) => h("tr", {}, h("th", { scope: "row" }, String(one.version)), h("td", {}, h("time", { datetime: one.at }, moment(one.at))), h("td", {}, one.actor), h("td", {}, statusOf(one.status)),
    h("td", {}, h("code", {}, one.digest.slice(0, 16))), h("td", { class: "acts" }, found[n + 1] && compare(one, found[n + 1])));
  place.replaceChildren(table(t("part_versions"), ["version", "changedAt", "who", "status", "digest", "actions"].map((key) => t(key)), found.map(row), t("inFolder")), difference);
}

function differences({ earlier, fields, texts }) {
  const rows = fields.flatMap((one) => (one.changes.length ? one.changes : [null]).map((change) => h("tr", {}, h("th", { scope: "row" }, one.label || one.field, " ", h("code", {}, one.field)), h("td", {}, t(`diff_${one.kind}`)),
    h("td", {}, change?.name.replaceAll("_", " ") ?? ""), h("td", { class: "was" }, change?.before ?? ""), h("td", {}, change?.after ?? ""))));
  const heads = ["deskField", "kind", "property", "wasSaid", "isSaid"].map((key) => t(key));
  return [section(t("differsFrom", { n: earlier }), [], table(t("changedFields"), heads, rows, t("sameFields"))),
    ...(texts.length ? texts.map(textDifference) : [h("p", { class: "muted" }, t("sameTexts"))])];
}

const SIGNS = { same: " ", added: "+", removed: "−" };

function textDifference({ file, added, removed, parts }) {
  const line = (one) => h("tr", { class: `line ${one.kind}` }, h("td", { class: "number muted" }, String(one.before ?? "")), h("td", { class: "number muted" }, String(one.after ?? "")),
    h("td", {}, h("span", { "aria-hidden": "true" }, SIGNS[one.kind]), one.kind !== "same" && hiddenText(`${t(`diff_${one.kind}`)}: `)), h("td", {}, h("code", {}, one.text)));
  return section(file, [h("span", { class: "count" }, `+${added} −${removed}`)],
    h("div", { class: "scrolls lines", role: "region", tabindex: "0", "aria-label": file }, parts.map((part) => h("table", {}, h("tbody", {}, part.map(line))))));
}
