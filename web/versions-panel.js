// The versions of a report: who did what and when, and what each says differently from the one before it.

import * as api from "./api.js";
import { h } from "./dom.js";
import { moment } from "./format.js";
import { statusText } from "./report-header.js";
import "./texts-report.js";
import "./texts-shared.js";
import { known, t } from "./strings.js";

const action = (name) => (known(`action_${name}`) ? t(`action_${name}`) : name);

/** @param {any} view the mrrt-report @param {HTMLElement} place */
export async function show(view, place) {
  const { report } = view.draft;
  const asked = `${report.id} ${report.version} ${document.documentElement.lang}`;
  if (place.dataset.asked === asked) return;
  place.dataset.asked = asked;
  const found = await api.versions(report.id).catch(() => null);
  if (place.dataset.asked !== asked) return;
  if (!found) return place.replaceChildren(h("p", { class: "muted" }, t("notAvailable")));
  const open = new Set([...place.querySelectorAll("details[open]")].map((one) => one.dataset.version));
  const rows = found.versions.map((one, n) => line(report, one, found.versions[n + 1], open.has(String(one.version))));
  place.replaceChildren(h("h2", { class: "visually-hidden" }, t("view_versions")), h("ol", { class: "versions", reversed: true }, rows));
}

function line(report, one, earlier, isOpen) {
  const body = h("div", { class: "difference" });
  const fold = h("details", { "data-version": one.version, open: isOpen },
    h("summary", {}, h("span", { class: "n" }, String(one.version)), h("span", { class: "what" }, action(one.action)),
      one.status !== "partial" && h("span", { class: `status ${one.status}` }, statusText(one.status)),
      h("span", { class: "muted by" }, one.by ?? one.actor ?? "", " · ", h("time", { datetime: one.at ?? one.created_at }, moment(one.at ?? one.created_at)))), body);
  const fill = () => fold.open && !body.hasChildNodes() && difference(report, one.version, earlier?.version, body);
  fold.addEventListener("toggle", fill);
  fill();
  return h("li", {}, fold);
}

async function difference(report, version, earlier, body) {
  if (!earlier) return body.replaceChildren(h("p", { class: "muted" }, t("firstVersion")));
  body.replaceChildren(h("p", { class: "muted" }, t("loading")));
  const found = await api.difference(report.id, version, earlier).catch(() => null);
  if (!found) return body.replaceChildren(h("p", { class: "muted" }, t("notAvailable")));
  body.replaceChildren(...differenceNodes(found));
}

/** What two versions say differently, as elements; also for other pages. @param {any} found a difference of the API */
export function differenceNodes(found) {
  const said = (one) => (one ? one.text || (one.value === null ? t("cleared") : String(one.value)) : "–");
  const rows = found.fields.map((one) => h("tr", { class: one.kind },
    h("th", { scope: "row" }, one.label), h("td", { class: "was" }, said(one.before)), h("td", { "aria-hidden": "true" }, "→"), h("td", { class: "now" }, said(one.after)),
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
  if (!rows.length && !texts.length) return [h("p", { class: "muted" }, t("saysTheSame"))];
  return [
    texts.length ? h("ul", {}, texts.map((one) => h("li", {}, one))) : null,
    rows.length ? h("table", {}, h("caption", { class: "visually-hidden" }, t("whatChanged")), h("tbody", {}, rows)) : null,
  ].filter(Boolean);
}
