// What came after the report was made: measurements of the same study, and a later version of its template.

import * as api from "./api.js";
import { h, icon } from "./dom.js";
import "./texts-report.js";
import { t } from "./strings.js";

/** Show above the form what is offered; where the server offers nothing of the kind, nothing. @param {any} view */
export async function look(view) {
  const { report } = view.draft;
  const [late, moving] = await Promise.all([api.late(report.id).catch(() => null), api.migration(report.id).catch(() => null)]);
  if (view.draft.report.id !== report.id || !view.isConnected) return;
  const open = view.acts.actions.includes("fill");
  const parts = [];
  if (late?.documents.length) parts.push(lateOffer(view, late));
  if (moving && !moving.current && open) parts.push(movingOffer(view, moving));
  place(view, parts);
  view.late = parts.length && late?.documents.length ? [itemOf(view, late)] : [];
  view.showAttention();
}

/** Put offers above the form, which stays where it is while somebody is at work in it. @param {any} view @param {Element[]} parts */
function place(view, parts) {
  const { offers, form: { element } } = view;
  const top = () => element.getBoundingClientRect().top;
  const was = top();
  offers.replaceChildren(...parts);
  if (!element.contains(document.activeElement)) return;
  for (const box of [offers.parentElement, document.scrollingElement]) box.scrollTop += top() - was;
}

/** Offers may be out of sight, and what came late concerns whoever signs. */
function itemOf(view, late) {
  const go = () => view.offers.querySelector("button, summary")?.focus();
  return { severity: "warning", rank: 1.3, text: t("lateTitle", { n: late.documents.length }), choices: [{ text: t("lateShow"), act: go }] };
}

function lateOffer(view, late) {
  const uids = late.documents.map((one) => one.sop_instance_uid);
  const say = h("p", { class: "failure", role: "alert" });
  const button = (text, step) => h("button", { type: "button", class: "small", onclick: () => run(view, say, step) }, text);
  const acts = late.applicable && view.acts.actions.includes("fill") ? [
    button(t("takeLate"), (id, version) => api.addDocuments(id, version, uids)),
    button(t("declineLate"), (id, version) => api.declineLate(id, version, uids)),
  ] : late.addendum && view.acts.actions.includes("append") ? [h("button", { type: "button", class: "small", onclick: () => addendum(view, late.addendum, uids) }, t("do_append"))] : [];
  const rows = late.changes.map((one) => h("tr", {}, h("th", { scope: "row" }, one.label), h("td", {}, one.before || "–"), h("td", {}, "→"),
    h("td", {}, one.after || "–"), h("td", { class: "muted" }, one.stays ? t("yoursStays") : "")));
  return h("section", { class: "offer", "aria-label": t("lateTitle", { n: late.documents.length }) },
    h("p", { class: "offer-head" }, icon("imported"), h("span", {}, t("lateTitle", { n: late.documents.length })), acts),
    late.refused && h("p", {}, late.refused),
    rows.length ? h("details", { open: rows.length < 6 }, h("summary", {}, t("wouldChange", { n: rows.length })), h("table", {}, h("tbody", {}, rows)))
      : !late.refused && h("p", { class: "muted" }, t("changesNothing")), say);
}

function movingOffer(view, moving) {
  const say = h("p", { class: "failure", role: "alert" });
  const lost = moving.lost.map((one) => `${one.label}: ${one.text}`).join("; ");
  const act = h("button", { type: "button", class: "small", onclick: () => run(view, say, (id, version) => api.migrate(id, version, moving.target)) }, t("migrate"));
  return h("section", { class: "offer", "aria-label": t("movingTitle") },
    h("p", { class: "offer-head" }, icon("information"), h("span", {}, t("movingTitle")), act),
    h("p", { class: "muted" }, t("movingSays", { kept: moving.kept, moved: moving.moved.length, fresh: moving.new.length }), lost && ` ${t("movingLost", { lost })}`), say);
}

async function addendum(view, text, documents) {
  (await import("./lifecycle.js")).ask(view.acts, "append", text, documents);
}

async function run(view, say, step) {
  try {
    await view.acts.take(step);
    if (document.activeElement === document.body) view.heading.focus(); // the button is gone with its offer
    view.news.textContent = t("done");
  } catch (error) {
    say.textContent = t("failed", { detail: error.status === 0 ? t("serverAway") : error.message });
  }
}
