// Steps of a report's life that ask for a text first: an addendum, the reason for a revision, for cancelling, for an alert.

import * as api from "./api.js";
import { h } from "./dom.js";
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
  show({
    title: t(`ask_${kind}`), explain: t(`explain_${kind}`), text: step.text && t(step.text), long: step.long, act: t(`do_${kind}`), proposed,
    take: (text) => acts.take(step.act(text, documents)),
  });
}

/** Answer an alert with a reason. @param {import("./report-acts.js").Acts} acts @param {import("./api.js").Problem} alert */
export function acknowledge(acts, alert) {
  show({
    title: t("ask_acknowledge"), explain: alert.message, text: t("reason"), act: t("acknowledge"), proposed: "",
    take: (reason) => acts.take((id, version) => api.acknowledge(id, version, [{ rule: alert.rule, field: alert.field ?? null, reason }])),
  });
}

function show({ title, explain, text, long, act, proposed, take }) {
  const problem = h("p", { class: "failure", role: "alert" });
  const input = text && (long ? h("textarea", { id: "step-text", rows: 5 }) : h("input", { id: "step-text", type: "text", autocomplete: "off" }));
  if (input) input.value = proposed;
  const button = h("button", { class: "primary", id: "step-act" }, act);
  const form = h("form", { class: "step" },
    h("p", { class: "muted" }, explain),
    text && h("label", {}, h("span", {}, text), input),
    h("div", { class: "actions" }, problem, h("button", { type: "button", onclick: () => dialog.close() }, t("back")), button));
  const dialog = h("dialog", { "aria-labelledby": "step-title", onclose: () => dialog.remove() }, h("h2", { id: "step-title" }, title), form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (input && !input.value.trim()) {
      problem.textContent = t("textNeeded", { text });
      return input.focus();
    }
    button.disabled = true;
    try {
      await take(input?.value.trim() ?? "");
      dialog.close();
    } catch (error) {
      problem.textContent = t("failed", { detail: error.status === 0 ? t("serverAway") : error.message });
      button.disabled = false;
    }
  });
  input?.addEventListener("keydown", (event) => long && event.key === "Enter" && (event.ctrlKey || event.metaKey) && form.requestSubmit());
  document.body.append(dialog);
  dialog.showModal();
  (input ?? button).focus();
}
