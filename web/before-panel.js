// The patient's earlier reports of the same template beside this one: values with their change, and their course.

import * as api from "./api.js";
import { h } from "./dom.js";
import { day, decimal, personName } from "./format.js";
import "./texts-report.js";
import { t } from "./strings.js";
import { tied } from "./ties.js";

/** @param {any} view the mrrt-report @param {HTMLElement} place */
export async function show(view, place) {
  const { report } = view.draft;
  const asked = `${report.id} ${report.version} ${document.documentElement.lang} ${theme()}`;
  if (place.dataset.asked === asked) return;
  place.dataset.asked = asked;
  const found = await api.history(report.id).catch(() => null);
  if (place.dataset.asked !== asked) return;
  if (!found) return place.replaceChildren(h("p", { class: "muted" }, t("notAvailable")));
  if (!found.earlier.length) return place.replaceChildren(h("p", { class: "muted" }, t("noEarlier")));
  const [earlier] = found.earlier;
  const all = h("input", { type: "checkbox", id: "all-rows", checked: place.dataset.all === "yes" });
  all.addEventListener("change", () => {
    place.dataset.all = all.checked ? "yes" : "";
    for (const table of tables) table.classList.toggle("changes-only", !all.checked);
  });
  const was = () => h("a", { href: `#/reports/${encodeURIComponent(earlier.report)}` }, day(earlier.study_date));
  const { lines } = found;
  const table = (kind, heads, rows) => rows.length ? [h("table", { class: `before ${kind} ${all.checked ? "" : "changes-only"}` }, h("caption", { class: "visually-hidden" }, t(kind)),
    h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows))] : [];
  const tables = [
    ...table("numbers", [t("field"), was(), t("now"), t("change"), t("course")], lines.filter((one) => one.number).map((one) => numberRow(view, one, found))),
    ...table("texts", [t("field"), was(), t("now")], lines.filter((one) => !one.number).map((one) => textRow(view, one))),
  ];
  place.replaceChildren(h("h2", { class: "visually-hidden" }, t("view_before")),
    otherName(earlier, report),
    h("p", { class: "before-head" }, h("span", {}, t("earlierReports", { n: found.earlier.length })), h("label", {}, all, " ", t("allRows"))),
    ...tables, h("p", { class: "muted unchanged" }, t("nothingChanged")));
  for (const plot of place.querySelectorAll("img[data-src]")) seen.observe(plot);
}

/** Fetches a plot when it is seen; for `loading="lazy"` all of them are near enough. */
const seen = new IntersectionObserver((entries) => entries.filter((one) => one.isIntersecting).forEach(({ target }) => {
  const plot = /** @type {HTMLImageElement} */ (target);
  seen.unobserve(plot);
  plot.src = plot.dataset.src ?? "";
}));

/** Names change, and identifiers are given twice: whose report it is, if it says another name. */
const otherName = (earlier, report) => earlier.patient_name && earlier.patient_name !== report.patient.name
  ? h("p", { class: "failure" }, t("otherName", { name: personName(earlier.patient_name) })) : "";

const headOf = (view, line) => h("th", { scope: "row" }, line.label || view.label(line.field));
const kindOf = (line) => (line.changed ? "changed" : "same");

/** The colours that are seen, also where the system chooses them. */
function theme() {
  const { theme: chosen } = document.documentElement.dataset;
  const isLight = chosen === "light" || (chosen === "auto" && matchMedia("(prefers-color-scheme: light)").matches);
  return isLight ? "light" : "dark";
}

/** What the plot shows, in words: the oldest first. */
const courseOf = (line) => [...[...line.before].reverse(), line.now].filter(Boolean).join(", ");

/** Texts want room: each of the two has as much as the other. */
function textRow(view, line) {
  return h("tr", { class: kindOf(line) }, headOf(view, line), h("td", {}, tied(line.before[0] ?? "–")), h("td", {}, tied(line.now ?? "–")));
}

function numberRow(view, line, found) {
  const label = line.label || view.label(line.field);
  const sign = line.change && !line.change.startsWith("-") && line.change !== "0" ? "+" : "";
  const change = line.change === null ? "" : decimal(`${sign}${line.change}`.replace("-", "−"));
  const plot = line.points > 1 ? h("img", {
    "data-src": api.plotAddress(found.report, line.field, found.version, theme()), alt: `${t("courseOf", { label })}: ${courseOf(line)}`, width: 96, height: 24,
  }) : "";
  return h("tr", { class: kindOf(line) }, headOf(view, line), h("td", { class: "number" }, line.before[0] ?? "–"), h("td", { class: "number" }, line.now ?? "–"),
    h("td", { class: "number delta" }, change, line.percent ? h("span", { class: "muted" }, ` ${line.percent}\u00a0%`) : ""), h("td", { class: "plot" }, plot));
}
