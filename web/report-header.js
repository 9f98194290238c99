// Patient and study, always in sight in the top bar.

import { renderingAddress } from "./api.js";
import { h, icon } from "./dom.js";
import { age, day, moment, personName } from "./format.js";
import { t } from "./strings.js";

const FORMATS = ["text", "html", "json"];

/** @param {import("./api.js").ReportView} report @param {null|(() => void)} review */
export function contextOf({ patient, study, viewer }, review) {
  const years = age(patient.birth_date, study.date);
  const person = [
    patient.birth_date && t("born", { date: day(patient.birth_date) }),
    years !== null && t("years", { n: years }),
    patient.sex,
    patient.identifier && t("id", { id: patient.identifier }),
  ];
  const examination = [study.description, day(study.date), study.accession_number && t("acc", { id: study.accession_number }), study.device];
  const parts = (list) => list.filter(Boolean).map((part) => h("span", {}, part));
  return [
    h("div", { class: "who" },
      h("p", { class: "patient" }, h("strong", {}, personName(patient.name) || patient.identifier || t("noName")), parts(person)),
      h("p", { class: "study" }, parts(examination),
        viewer && h("a", { href: viewer, target: "_blank", rel: "noopener" }, t("images")))),
    review && h("button", { type: "button", class: "primary", id: "review", onclick: review }, t("review"), h("kbd", {}, "Ctrl ↵")),
  ].filter(Boolean);
}

/** Who signed a report, and where it is to be had. @param {import("./api.js").ReportView} report */
export function signatureOf(report) {
  const links = FORMATS.map((format) =>
    h("a", { href: renderingAddress(report.id, format), target: "_blank", rel: "noopener" },
      format === "text" ? t("text") : format.toUpperCase()));
  return [h("p", { class: "signature" }, icon("calculated"), t("signedBy", { name: report.signed_by, when: moment(report.signed_at) })),
    h("p", { class: "links" }, t("readOnly"), " ", links)];
}

/** Title of the window. @param {import("./api.js").ReportView} report @param {string} template */
export const pageTitle = (report, template) =>
  [personName(report.patient.name) || report.patient.identifier, template, "mrrt"].filter(Boolean).join(" · ");
