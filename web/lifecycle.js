// Steps of a report's life that ask for a text first: an addendum, the reason for a revision, for cancelling, for an alert.

import * as api from "./api.js";
import { askForm } from "./form-dialog.js";
import "./texts-report.js";
import { t } from "./strings.js";

const STEPS = {
  amended: { text: "reason", act: (text) => (id, version) => api.revise(id, version, "amended", text) },
  corrected: { text: "reason", act: (text) => (id, version) => api.revise(id, version, "corrected", text) },
  append: { text: "addendumText", long: true, act: (text, documents) => (id, version) => api.append(id, version, text, documents) },
  cancel: { text: "reason", act: (text) => (id, version) => api.cancel(id, version, text) },
  withdraw: { text: "reason", act: (text) => (id, version) => api.withdraw(id, version, text) },
  discard: { act: () => (id, version) => api.discard(id, version) },
};

/**
 * Ask for what a step needs, and take it.
 * @param {import("./report-acts.js").Acts} acts @param {keyof STEPS} kind @param {string} [proposed] a text to begin with
 * @param {string[]} [documents] what an addendum is about
 */
export function ask(acts, kind, proposed = "", documents = []) {
  const step = STEPS[kind];
  askForm({
    title: t(`ask_${kind}`), explain: t(`explain_${kind}`), act: kind === "append" ? t("signAddendum") : t(`do_${kind}`).replace(/\s?…$/, ""), key: [acts.report.id, kind, ...documents].join(" "),
    fields: step.text ? [{ name: "text", label: t(step.text), type: step.long ? "long" : "text", value: proposed }] : [],
    take: ({ text }) => acts.take(step.act(text, documents)),
  });
}

/** Answer an alert with a reason. @param {import("./report-acts.js").Acts} acts @param {import("./types.js").Problem} alert */
export function acknowledge(acts, alert) {
  askForm({
    title: t("ask_acknowledge"), explain: alert.message, act: t("acknowledge"), key: [acts.report.id, alert.rule, alert.field].join(" "), fields: [{ name: "text", label: t("reason") }],
    take: ({ text }) => acts.take((id, version) => api.acknowledge(id, version, [{ rule: alert.rule, field: alert.field ?? null, reason: text }])),
  });
}
