// The rows of the worklist: a study to be begun, or a report to be opened.

import { h } from "./dom.js";
import { day, moment, personName } from "./format.js";
import { statusText } from "./report-header.js";
import { titleOf } from "./titles.js";
import "./texts-shared.js";
import "./texts-start.js";
import { t } from "./strings.js";
import { SORTS, count } from "./worklist-data.js";

const documents = (n) => (n === 1 ? t("oneDocument") : t("documentsWaiting", { n }));
const several = (n) => n > 1 && documents(n);
const nameOf = (one) => personName(one.patient_name) || one.patient_id || t("noName");
export const place = (id) => `#/reports/${encodeURIComponent(id)}`;

/**
 * A list with its rows, and the way to more of them.
 * @param {string} name @param {import("./worklist-data.js").List} list @param {string} title
 * @param {{start: Function, choose: Function, more: Function, me: string, sort: string, sortBy: (sort: string) => void}} acts
 */
export function sectionOf(name, list, title, acts) {
  const row = (one) => (name === "unreported" ? studyRow(one, acts)
    : name === "late" ? reportRow(name, one.report, one.received_at, documents(one.documents)) : reportRow(name, one, one.updated_at, null, acts.me));
  return h("section", { class: `list ${name}`, "aria-labelledby": `list-${name}` },
    h("h2", { id: `list-${name}` }, title, " ", h("span", { class: "count" }, count(list))),
    h("table", {}, h("thead", {}, h("tr", {}, ["patient", "measuredOn", "template", "status", "changedAt"].map((head) => headOf(name, head, acts)))),
      h("tbody", {}, list.items.map(row))),
    list.next && h("button", { type: "button", class: "small quiet more", "data-list": name, "aria-label": `${t("showMore")}: ${title}`, onclick: () => acts.more(name) }, t("showMore")));
}

/** A head, with the button that sorts all lists by it where the server can. */
function headOf(name, head, { sort, sortBy }) {
  const ways = SORTS[head];
  if (!ways) return h("th", { scope: "col" }, t(head));
  const at = ways.indexOf(sort);
  const [way, arrow] = sort.startsWith("-") ? ["descending", "↓"] : ["ascending", "↑"];
  return h("th", { scope: "col", "aria-sort": at < 0 ? null : way },
    h("button", { type: "button", class: "sort", id: `sort-${name}-${head}`, onclick: () => sortBy(ways[at + 1] ?? "") },
      t(head), at >= 0 && h("span", { "aria-hidden": "true" }, ` ${arrow}`)));
}

function reportRow(name, one, at, note, me = "") {
  const status = note ?? (one.revision ? t(`opened_${one.revision}`) : statusText(one.status));
  return h("tr", { "data-row": `${name} ${one.id}` }, h("th", { scope: "row" }, h("a", { href: place(one.id) }, nameOf(one)), about(one)),
    h("td", { class: "when" }, day(one.study_date)), h("td", {}, titleOf(one.template, one.template_title)),
    h("td", {}, h("span", { class: `status ${one.revision ? "partial" : one.status}` }, status), me && one.author !== me && h("span", { class: "muted" }, ` · ${one.author}`)),
    h("td", {}, h("time", { datetime: at }, moment(at))));
}

function studyRow(one, { start, choose }) {
  const who = nameOf(one);
  const title = one.template && titleOf(one.template.template, one.template.title ?? one.template.template);
  const other = t(one.template ? "otherTemplate" : "chooseTemplate");
  const says = one.template ? t("start", { template: title }) : t("chooseTemplate");
  const act = (event) => (one.template ? start(one, event.currentTarget) : choose(one));
  return h("tr", { "data-row": `unreported ${one.study_instance_uid}`, class: one.template ? null : "unfit" },
    h("th", { scope: "row" }, h("button", { type: "button", class: "link", "aria-label": `${who}: ${says}`, onclick: act }, who), about(one)),
    h("td", { class: "when" }, day(one.study_date)),
    h("td", {}, one.template ? `${title} ` : h("span", { class: "muted" }, t("startNone"), " "),
      h("button", { type: "button", class: "small quiet other", "aria-label": `${other}: ${who}`, onclick: () => choose(one) }, other)),
    h("td", {}, h("span", { class: "muted" }, [one.device, several(one.documents)].filter(Boolean).join(" · "))),
    h("td", {}, h("time", { datetime: one.received_at }, moment(one.received_at))));
}

function about(one) {
  const parts = [one.patient_id, one.accession_number].filter(Boolean);
  return parts.length ? h("span", { class: "muted about" }, parts.join(" · ")) : null;
}
