// Patient and study, always in sight in the top bar; what a report is by now, and who signed it.

import { h, icon } from "./dom.js";
import { age, day, moment, personName } from "./format.js";
import { keyNames } from "./keys.js";
import { known, t } from "./strings.js";

/** A status in words. @param {string} status */
export const statusText = (status) => (known(status) ? t(status) : status);

/** @param {import("./types.js").ReportView} report @param {null|(() => void)} review @param {() => void} more */
export function contextOf({ patient, study, viewer, status, revision }, review, more) {
  const years = age(patient.birth_date, study.date);
  const person = [
    patient.birth_date && t("born", { date: day(patient.birth_date) }),
    years !== null && t("years", { n: years }),
    known(`sex_${patient.sex}`) ? t(`sex_${patient.sex}`) : patient.sex,
    patient.identifier && t("id", { id: patient.identifier }),
  ];
  const examination = [study.description, day(study.date), study.accession_number && t("acc", { id: study.accession_number }), study.device];
  const parts = (list) => list.filter(Boolean).map((part) => h("span", {}, part));
  return [
    h("div", { class: "who" },
      h("p", { class: "patient" }, h("strong", {}, personName(patient.name) || patient.identifier || t("noName")), parts(person)),
      h("p", { class: "study" }, h("span", { class: `status ${status}` }, revision ? t(`opened_${revision.kind}`) : statusText(status)), parts(examination),
        viewer && h("a", { href: viewer, target: "_blank", rel: "noopener", id: "viewer" }, t("images")))),
    h("div", { class: "acts" },
      h("button", { type: "button", class: "quiet", id: "more", onclick: more }, t("actions"), h("kbd", {}, keyNames("Ctrl K"))),
      review && h("button", { type: "button", class: "primary", id: "review", onclick: review }, t("review"), h("kbd", {}, keyNames("Ctrl ↵")))),
  ];
}

/** What stands above the form: signatures, an open revision, why it is over. @param {import("./types.js").ReportView} report */
export function bannerOf(report, leftovers, label, acts) {
  const signed = report.signatures.map((one) => h("p", { class: "signature" },
    icon("calculated"), t(`signed_${one.status}`, { name: one.by, when: moment(one.at) })));
  const { revision } = report;
  const opened = revision && [
    h("p", {}, t(`opened_${revision.kind}`), ": ", revision.reason),
    h("p", { class: "muted" }, t("stillStands", { version: revision.version, name: revision.by, when: moment(revision.at) })),
    h("button", { type: "button", class: "small", onclick: () => acts.lifecycle("discard") }, t("discard")),
  ];
  const over = ["cancelled", "entered-in-error"].includes(report.status) && h("p", { class: "over" }, statusText(report.status), ": ", report.reason);
  const fixed = signed.length && !["partial", "preliminary"].includes(report.status);
  return [over, ...signed, opened, fixed && h("p", { class: "muted" }, t("readOnly")), leftovers.length && lost(leftovers, label, acts)].flat().filter(Boolean);
}

/** What was typed and did not reach the report before it was signed. */
function lost(leftovers, label, acts) {
  const texts = leftovers.map(({ edit }) => `${label(edit.field)}: ${edit.revert ? t("takeBack") : edit.value}`);
  const put = () => {
    acts.view.forget?.();
    acts.view.leftovers = [];
    row.remove();
  };
  const row = h("p", { class: "lost" }, icon("warning"), t("tooLate", { texts: texts.join("; ") }), h("button", { type: "button", class: "small", onclick: put }, t("noted")));
  return row;
}

/** Title of the window. @param {import("./types.js").ReportView} report @param {string} template */
export const pageTitle = (report, template) =>
  [personName(report.patient.name) || report.patient.identifier, template, "mrrt"].filter(Boolean).join(" · ");
