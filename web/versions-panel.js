// The versions of a report: who did what and when, what any two of them say differently, and each as it read.

import * as api from "./api.js";
import { h, showOver } from "./dom.js";
import { moment } from "./format.js";
import { reportNodes } from "./preview.js";
import { statusText } from "./report-header.js";
import "./texts-report.js";
import "./texts-shared.js";
import { known, t } from "./strings.js";
import { tied } from "./ties.js";

const SIGNED = new Set(["sign", "sign-preliminary", "append"]);
const action = (name) => (known(`action_${name}`) ? t(`action_${name}`) : name);
const span = (one, other) => (one === other ? one : `${one} – ${other}`);

/** Versions that were listed, the latest first; they never change. @type {{report: string, lines: any[]}} */
let last = { report: "", lines: [] };

/** All versions of a report; only those that are new are asked for. */
async function linesOf(report) {
  const old = last.report === report ? last.lines : [];
  const fresh = [];
  let page = await api.versions(report);
  for (;;) {
    fresh.push(...page.versions.filter((one) => one.version > (old[0]?.version ?? 0)));
    if (!page.next || page.versions.at(-1).version <= (old[0]?.version ?? 0)) break;
    page = await api.json(`reports/${encodeURIComponent(report)}/versions?limit=200&cursor=${encodeURIComponent(page.next)}`);
  }
  last = { report, lines: [...fresh, ...old] };
  return last.lines;
}

/** What was done, step by step: edits of one person that follow each other are one step. @param {any[]} lines */
function stepsOf(lines) {
  const steps = [];
  for (const one of lines) {
    const step = steps.at(-1);
    const goes = one.action === "edit" && step?.[0].action === "edit" && step[0].actor === one.actor;
    if (goes) step.push(one);
    else steps.push([one]);
  }
  return steps;
}

/** @param {any} view the mrrt-report @param {HTMLElement} place */
export async function show(view, place) {
  const { report } = view.draft;
  const asked = `${report.id} ${report.version} ${document.documentElement.lang}`;
  if (place.dataset.asked === asked) return;
  place.dataset.asked = asked;
  const lines = await linesOf(report.id).catch(() => null);
  if (place.dataset.asked !== asked) return;
  if (!lines) {
    delete place.dataset.asked;
    return place.replaceChildren(h("p", { class: "muted" }, t("notAvailable")));
  }
  const open = new Set([...place.querySelectorAll("details[open]")].map((one) => one.dataset.first));
  const chosen = [...place.querySelectorAll("select")].map((one) => (one.dataset.chosen ? Number(one.value) : 0));
  const focused = place.contains(document.activeElement) && document.activeElement.id;
  place.replaceChildren(h("h2", { class: "visually-hidden" }, t("view_versions")),
    ...(lines.length > 1 ? [comparison(report, lines, chosen)] : []),
    h("h3", { class: "versions-title" }, t("versionsAll")),
    h("ol", { class: "versions", reversed: true }, stepsOf(lines).map((step) => line(report, step, open.has(String(step.at(-1).version))))));
  if (focused) document.getElementById(focused)?.focus();
}

/** Any two versions beside each other: at first the one that was signed last, and now. */
function comparison(report, lines, [from = 0, to = 0]) {
  const [latest, ...earlier] = lines;
  const signed = earlier.find((one) => SIGNED.has(one.action)) ?? earlier.at(-1);
  const body = h("div", { class: "difference", "aria-live": "polite" });
  const picker = (id, selected, isChosen) => {
    const options = lines.map((one) => h("option", { value: one.version, selected: one.version === selected },
      [t(one === latest ? "versionNow" : "versionNamed", { n: one.version }), action(one.action), moment(one.at)].join(" · ")));
    return h("select", { id, "data-chosen": isChosen || null, onchange: (event) => ((event.target.dataset.chosen = "yes"), compare()) }, options);
  };
  const one = picker("compare-from", from || signed.version, from > 0);
  const other = picker("compare-to", to || latest.version, to > 0);
  const reader = (select) => h("button", { type: "button", class: "small", onclick: () => read(report, Number(select.value)) }, "");
  const readers = [[one, reader(one)], [other, reader(other)]];
  const compare = () => {
    for (const [select, button] of readers) button.textContent = t("textOfVersion", { n: select.value });
    const [before, after] = [Number(one.value), Number(other.value)].sort((a, b) => a - b);
    fill(report, after, before, body, t("sameInBoth"));
  };
  compare();
  return h("section", { class: "compare", "aria-labelledby": "compare-title" }, h("h3", { id: "compare-title" }, t("compareVersions")),
    h("div", { class: "pickers" }, h("label", { for: one.id }, t("compareFrom")), readers[0], h("label", { for: other.id }, t("compareTo")), readers[1]), body);
}

function line(report, step, isOpen) {
  const [one] = step;
  const first = step.at(-1);
  const body = h("div", { class: "difference" });
  const fold = h("details", { "data-first": first.version, open: isOpen },
    h("summary", {}, h("span", { class: "n" }, span(String(first.version), String(one.version))),
      h("span", { class: "what" }, step.length > 1 ? t("severalEdits", { n: step.length }) : action(one.action)),
      one.status !== "partial" && h("span", { class: `status ${one.status}` }, statusText(one.status)),
      h("span", { class: "muted by" }, one.actor, " · ", h("time", { datetime: one.at }, span(moment(first.at), moment(one.at))))),
    body, h("p", { class: "difference texts-of" }, h("button", { type: "button", class: "small", onclick: () => read(report, one.version) }, t("textOfVersion", { n: one.version }))));
  const look = () => fold.open && !body.hasChildNodes() && fill(report, one.version, first.version - 1, body, t("saysTheSame"));
  fold.addEventListener("toggle", look);
  look();
  return h("li", {}, fold);
}

/** Say what a version says differently from an earlier one; of several calls for one place the last is shown. */
async function fill(report, version, earlier, body, same) {
  const asked = (body.dataset.asked = `${earlier} ${version}`);
  if (earlier < 1) return body.replaceChildren(h("p", { class: "muted" }, t("firstVersion")));
  if (!body.hasChildNodes()) body.replaceChildren(h("p", { class: "muted" }, t("loading")));
  const found = await api.difference(report.id, version, earlier).catch(() => null);
  if (body.dataset.asked !== asked) return undefined;
  return body.replaceChildren(...(found ? differenceNodes(found, version, earlier, same) : [h("p", { class: "muted" }, t("notAvailable"))]));
}

/** What two versions say differently, as elements. @param {any} found a difference of the API */
function differenceNodes(found, version, earlier, same) {
  const text = (one) => (one ? one.text || (one.value === null ? t("cleared") : String(one.value)) : "–");
  const rows = found.fields.map((one) => h("tr", { class: one.kind },
    h("th", { scope: "row" }, one.label), h("td", { class: "was" }, tied(text(one.before))), h("td", { class: "now" }, tied(text(one.after))),
    h("td", { class: "muted" }, one.after && one.after.provenance !== one.before?.provenance && known(one.after.provenance) ? t(one.after.provenance) : "")));
  const texts = [
    found.status && `${t("status")}: ${statusText(found.status.before)} → ${statusText(found.status.after)}`,
    found.revision_opened && `${t(`opened_${found.revision_opened.kind}`)}: ${found.revision_opened.reason}`,
    ...found.signatures_added.map((one) => t(`signed_${one.status}`, { name: one.by, when: moment(one.at) })),
    ...found.addenda_added.map((one) => `${t("addendum")}: ${one.text}`),
    found.documents.added.length && t("documentsAdded", { n: found.documents.added.length }),
    found.criteria.added.length && `${t("criteria")}: ${found.criteria.added.join(", ")}`,
    found.template && t("templateMoved"),
    found.reason?.after && `${t("reason")}: ${found.reason.after}`,
  ].filter(Boolean);
  if (!rows.length && !texts.length) return [h("p", { class: "muted" }, same)];
  const heads = [t("field"), t("versionNamed", { n: earlier }), t("versionNamed", { n: version }), t("view_source")];
  return [
    texts.length ? h("ul", {}, texts.map((one) => h("li", {}, one))) : null,
    rows.length ? h("table", {}, h("caption", { class: "visually-hidden" }, t("whatChanged")),
      h("thead", {}, h("tr", {}, heads.map((one) => h("th", { scope: "col" }, one)))), h("tbody", {}, rows)) : null,
  ].filter(Boolean);
}

/** Show a version as it read, over the page. */
async function read(report, version) {
  const title = t("textOfVersion", { n: version });
  const paper = h("div", { class: "paper", tabindex: "0", role: "group", "aria-label": title, lang: report.language }, h("p", { class: "muted" }, t("loading")));
  const dialog = h("dialog", { class: "review version", "aria-label": title }, h("h2", {}, title), paper,
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, t("close"))));
  showOver(dialog);
  paper.focus();
  const html = await api.rendering(report.id, "html", version).catch(() => null);
  paper.replaceChildren(...(html === null ? [h("p", { class: "muted" }, t("notAvailable"))] : reportNodes(html)));
}
