// A measurement that no binding wanted gets a field by the reader's choice; the site desk proposes its binding from then on.

import { h, hiddenText } from "./dom.js";
import { quantity } from "./format.js";
import { pick } from "./picker.js";
import { sideText } from "./source-words.js";
import "./texts-report.js";
import { t } from "./strings.js";

/** What a measurement is of. @param {any} one */
const nameOf = (one) => [one.code?.meaning, one.site?.meaning, one.segment?.meaning, sideText(one.laterality)].filter(Boolean).join(", ");

/** The measurements without a place, each with a button. @param {any[]} unmatched @param {(one: any) => void} give */
export function tableOf(unmatched, give) {
  return h("table", {}, h("tbody", {}, unmatched.map((one) => h("tr", {},
    h("th", { scope: "row" }, nameOf(one)),
    h("td", { class: "number" }, quantity(one.value, one.unit)),
    h("td", { class: "muted" }, one.reason),
    h("td", {}, one.value !== null && h("button", { type: "button", class: "small", onclick: () => give(one) }, t("assign"), hiddenText(` ${nameOf(one)}`)))))));
}

/** @param {any} view the mrrt-report @param {any} one the measurement */
export async function assign(view, one) {
  const { report } = view.draft; // it may be a later one when the reader has chosen
  const isEmpty = (control) => (report.values[control.key]?.value ?? null) === null;
  const takes = (control) => ["number", "text", "textarea"].includes(control.field.kind) && !control.place.hidden && !control.isGroup;
  const controls = [...view.form.controls.values()].filter(takes);
  const measured = one.ucum ?? one.unit;
  const rank = (control) => (control.field.unit === measured ? 0 : 2) + (isEmpty(control) ? 0 : 1);
  const options = controls.sort((a, b) => rank(a) - rank(b)).map((control) => ({
    key: control.key, text: control.label, note: [control.field.unit, isEmpty(control) ? t("empty") : control.text].filter(Boolean).join(" · "),
  }));
  const chosen = await pick({ title: t("assignTitle", { name: nameOf(one), value: quantity(one.value, one.unit) }), hint: t("assignHint"), options });
  if (!chosen) return;
  view.draft.choose(chosen.key, one);
  view.go(chosen.key);
  view.news.textContent = t("assigned", { name: nameOf(one), label: view.label(chosen.key) });
}
