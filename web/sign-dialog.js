// The step before the signature: the very text that will be signed, and what is still open.

import * as api from "./api.js";
import { itemElement } from "./attention.js";
import { h } from "./dom.js";
import { reportNodes } from "./preview.js";
import { t } from "./strings.js";

/**
 * Show what will be signed and wait for the decision.
 * @param {{report: import("./api.js").ReportView, items: import("./attention.js").Item[], saved: boolean,
 *   sign: () => Promise<void>, go: (field: string) => void, done: () => void}} given `items` are ranked; `done` when signed
 */
export async function reviewAndSign({ report, items, saved, sign, go, done }) {
  const errors = items.filter((item) => item.severity === "error");
  const reason = errors.length ? t("errorsForbid") : saved ? "" : t("notYetSaved");
  const paper = h("div", { class: "paper", tabindex: "0", role: "group", "aria-label": t("document"), lang: report.language });
  const problem = h("p", { class: "failure", role: "alert" }, reason);
  const act = h("button", { type: "button", class: "primary", id: "sign-now", disabled: Boolean(reason) }, t("sign"));
  const leave = (field) => {
    dialog.close();
    go(field);
  };
  const dialog = h("dialog", { class: "review", "aria-labelledby": "review-title", onclose: () => dialog.remove() },
    h("h2", { id: "review-title" }, t("reviewTitle")),
    items.length ? h("ul", { class: "items" }, items.map((item) => itemElement({ ...item, choices: [] }, leave))) : null,
    paper,
    h("div", { class: "actions" }, problem,
      h("button", { type: "button", onclick: () => dialog.close() }, t("back")), act));
  act.addEventListener("click", async () => {
    act.disabled = true;
    act.textContent = t("signing");
    try {
      await sign();
      dialog.close();
      done();
    } catch (error) {
      act.textContent = t("sign");
      problem.textContent = t("failed", { detail: error.status === 0 ? t("serverAway") : error.message });
      act.disabled = Boolean(error.problems?.length);
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  (act.disabled ? dialog.querySelector(".items button") ?? paper : act).focus();
  const html = await api.rendering(report.id, "html").catch(() => null);
  paper.append(...(html ? reportNodes(html) : [h("p", { class: "muted" }, t("unavailable"))]));
  if (!html) act.disabled = true; // nobody signs what was not shown
}
