// The step before the signature: the very text that will be signed, what is still open, and what has to be answered.

import * as api from "./api.js";
import { COMPLETION, itemElement } from "./attention.js";
import { h, hiddenText, icon, showOver } from "./dom.js";
import { reportNodes } from "./preview.js";
import { t } from "./strings.js";

/** @typedef {import("./types.js").Problem} Problem */

/**
 * Show what will be signed and wait for the decision. Only the version that was shown can be signed.
 * @param {{report: import("./types.js").ReportView, items: import("./attention.js").Item[], saved: boolean, note: string,
 *   allowed: string[], label: (key: string) => string, go: (field: string) => void, done: () => void, again: () => void,
 *   sign: (version: number, acknowledge: import("./api.js").Acknowledging[], preliminary: boolean) => Promise<void>}} given
 *   `items` are ranked; `allowed` are the ways to sign; `again` shows what somebody else made of the report meanwhile
 */
export async function reviewAndSign({ report, items, saved, note, allowed, label, go, done, again, sign }) {
  const errors = items.filter((item) => item.severity === "error");
  const empty = report.alerts.filter((one) => one.rule === COMPLETION);
  const asks = report.alerts.filter((one) => one.rule !== COMPLETION);
  const others = items.filter((item) => item.severity !== "error" && !item.asks);
  const reason = errors.length ? t("errorsForbid") : saved ? "" : t("notYetSaved");
  const paper = h("div", { class: "paper", tabindex: "0", role: "group", "aria-label": t("document"), lang: report.language });
  const problem = h("p", { class: "failure", role: "alert" }, reason || note);
  const ways = allowed.map((name) => ({ isPreliminary: name === "sign-preliminary", text: t(name === "sign" ? "sign" : "signPreliminary") }))
    .sort((one, other) => Number(other.isPreliminary) - Number(one.isPreliminary));
  const buttons = ways.map(({ isPreliminary, text }, n) => h("button", {
    type: "button", class: n === ways.length - 1 ? "primary" : null, id: isPreliminary ? "sign-preliminary" : "sign-now",
    disabled: Boolean(reason), "aria-disabled": "true", onclick: () => attempt(isPreliminary),
  }, text));
  const act = buttons.at(-1);
  const enable = (can) => buttons.forEach((button) => button.setAttribute("aria-disabled", String(!can)));
  const leave = (field) => {
    dialog.close();
    go(field);
  };
  const questions = asks.map((one, n) => question(one, n, leave));
  const rows = [
    ...errors.map((item) => itemElement({ ...item, choices: [] }, leave)),
    ...questions.map(({ row }) => row),
    ...(empty.length ? [emptyRow(empty, label, leave)] : []),
    ...others.map((item) => itemElement({ ...item, choices: [] }, leave)),
  ];
  const dialog = h("dialog", { class: "review", "aria-labelledby": "review-title" },
    h("h2", { id: "review-title" }, t("review")),
    rows.length ? h("ul", { class: "items" }, rows) : null,
    paper,
    h("div", { class: "actions" }, problem,
      h("button", { type: "button", onclick: () => dialog.close() }, t("back")), buttons));

  /** The first question without an answer. */
  const unanswered = () => questions.find(({ input }) => !input.value.trim())?.input;
  const attempt = async (asPreliminary) => {
    if (act.ariaDisabled === "true") return undefined; // nobody signs what was not shown
    const open = unanswered();
    if (open) {
      problem.textContent = t("sayWhy");
      return open.focus();
    }
    enable(false);
    problem.textContent = t("signing");
    const given = questions.map(({ alert, input }) => ({ rule: alert.rule, field: alert.field ?? null, reason: input.value.trim() }));
    try {
      await sign(report.version, [...given, ...empty.map(({ rule, field }) => ({ rule, field, reason: "" }))], asPreliminary);
      dialog.close();
      done();
    } catch (error) {
      if (error.status === 412) {
        dialog.close();
        return again();
      }
      const why = (error.problems ?? []).map((one) => one.message).join(" ");
      problem.textContent = t("failed", { detail: error.status === 0 ? t("serverAway") : `${error.message} ${why}`.trim() });
      enable(!error.problems?.length);
    }
    return undefined;
  };
  for (const { input } of questions) {
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !input.value.trim()) return;
      event.preventDefault();
      (unanswered() ?? act).focus();
    });
  }
  showOver(dialog);
  (reason ? dialog.querySelector(".items button") ?? paper : questions[0]?.input ?? act).focus();
  const html = await api.rendering(report.id, "html", report.version).catch(() => null);
  paper.append(...(html ? reportNodes(html) : [h("p", { class: "muted" }, t("unavailable"))]));
  enable(Boolean(html));
}

/** An alert of the logic: it is answered with a reason. @param {Problem} alert */
function question(alert, n, go) {
  const input = h("input", { type: "text", id: `reason-${n}`, class: "reason", maxlength: 2000, autocomplete: "off", "aria-label": t("reasonFor", { alert: alert.message }), placeholder: t("reason") });
  const row = itemElement({ severity: alert.severity, text: alert.message, field: alert.field, mend: alert.mend }, go);
  row.append(input);
  return { alert, input, row };
}

/** Fields that are left empty, in one line: signing says that this is meant. @param {Problem[]} empty */
function emptyRow(empty, label, go) {
  const names = empty.map(({ field }) => h("button", { type: "button", class: "small", onclick: () => go(field) }, label(field)));
  return h("li", { class: "warning empties" },
    h("p", { class: "item" }, icon("warning"), hiddenText(`${t("warning")}: `), h("span", {}, t("leftEmpty"))), h("p", { class: "choose" }, names));
}
