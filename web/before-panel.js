// The patient's earlier reports of the same template beside this one: values with their change, and their course.

import * as api from "./api.js";
import { h } from "./dom.js";
import { day, decimal } from "./format.js";
import "./texts-report.js";
import { t } from "./strings.js";

/** @param {any} view the mrrt-report @param {HTMLElement} place */
export async function show(view, place) {
  const { report } = view.draft;
  const asked = `${report.id} ${report.version} ${document.documentElement.lang}`;
  if (place.dataset.asked === asked) return;
  place.dataset.asked = asked;
  const found = await api.history(report.id).catch(() => null);
  if (place.dataset.asked !== asked) return;
  if (!found) return place.replaceChildren(h("p", { class: "muted" }, t("notAvailable")));
  if (!found.earlier.length) return place.replaceChildren(h("p", { class: "muted" }, t("noEarlier")));
  const shown = found.earlier.slice(0, 1);
  const all = h("input", { type: "checkbox", id: "all-rows", checked: place.dataset.all === "yes" });
  all.addEventListener("change", () => {
    place.dataset.all = all.checked ? "yes" : "";
    table.classList.toggle("changes-only", !all.checked);
  });
  const heads = [...shown.map((one) => h("th", { scope: "col" }, h("a", { href: `#/reports/${encodeURIComponent(one.report)}` }, day(one.study_date)))),
    h("th", { scope: "col" }, t("now")), h("th", { scope: "col" }, t("change")), h("th", { scope: "col" }, t("course"))];
  const table = h("table", { class: `before ${all.checked ? "" : "changes-only"}` },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("field")), heads)),
    h("tbody", {}, found.lines.filter((one) => !view.form.controls.get(one.field)?.place.hidden).map((one) => row(view, one, found))));
  place.replaceChildren(h("h2", { class: "visually-hidden" }, t("view_before")),
    h("p", { class: "before-head" }, h("span", {}, t("earlierReports", { n: found.earlier.length })), h("label", {}, all, " ", t("allRows"))), table);
}

function row(view, line, found) {
  const label = line.label || view.label(line.field);
  const [last] = line.before;
  const sign = line.change && !line.change.startsWith("-") && line.change !== "0" ? "+" : "";
  const change = line.change === null ? "" : decimal(`${sign}${line.change}`.replace("-", "−"));
  const plot = line.points > 1 ? h("img", {
    src: api.plotAddress(found.report, line.field, found.version, document.documentElement.dataset.theme === "light" ? "light" : "dark"), alt: t("courseOf", { label }), width: 96, height: 24, loading: "lazy",
  }) : "";
  const head = h("th", { scope: "row" }, label);
  const kind = line.changed ? "changed" : "same";
  if (!line.number) return h("tr", { class: kind }, head, h("td", {}, last ?? "–"), h("td", { colspan: "3" }, line.now ?? "–")); // texts want room
  return h("tr", { class: kind }, head, h("td", { class: "number" }, last ?? "–"), h("td", { class: "number" }, line.now ?? "–"),
    h("td", { class: "number delta" }, change, line.percent ? h("span", { class: "muted" }, ` ${line.percent}\u00a0%`) : ""), h("td", { class: "plot" }, plot));
}
