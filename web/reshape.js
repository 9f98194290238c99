// A chosen option put a template in place of a part of the form: the new form takes the place of the old one, and the
// reader goes on where he was.

import * as api from "./api.js";

const PAUSE = 2_000; // ms until the form is asked for again after a failure

/**
 * Wait until nothing typed is unsaved, and fetch the form that the report has then.
 * @param {import("./editing.js").Draft} draft @param {() => boolean} left the reader has gone elsewhere
 * @returns {Promise<import("./types.js").FormView|null>} null where the form that is shown has become the right one again
 */
export async function nextForm(draft, left) {
  for (;;) {
    await draft.quiet();
    if (left() || draft.form.shape === draft.report.shape) return null;
    const view = await api.form(draft.report.id).catch(() => null);
    if (left()) return null;
    if (view && view.shape !== draft.report.shape && draft.unsaved.isQuiet) await draft.reload().catch(() => {});
    if (view?.shape === draft.report.shape && draft.unsaved.isQuiet) return view;
    if (!view) await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/**
 * Put a form in the place of another: same focus, caret and scroll position, same texts that are not in the report.
 * @param {import("./editing.js").Draft} draft @param {import("./form.js").Form} form
 * @param {string|null} by the field that led to it, which gets the focus of one that is gone
 * @returns {import("./field.js").FieldControl[]} the fields that are new
 */
export function takePlace(draft, form, by) {
  const { form: old, unsaved: { refused, conflicts } } = draft;
  const active = /** @type {any} */ (document.activeElement);
  const before = old.controlOf(active);
  const now = before && form.controls.get(before.key);
  const isHere = old.element.contains(active);
  const target = before ? now && twin(active, before, now) : sameFold(active, old, form);
  const top = active.getBoundingClientRect().top;
  for (const [key, { mine }] of conflicts) form.controls.get(key)?.put(mine.value);
  for (const [key, { value, message }] of refused) {
    form.controls.get(key)?.put(value);
    form.controls.get(key)?.complain(message);
  }
  if (now) now.carry(before);
  for (const fold of old.element.querySelectorAll("details[open]")) {
    form.controls.get(fold.dataset.field)?.first.closest("details")?.setAttribute("open", "");
  }
  draft.form = form; // from here on the old one hears nothing more
  old.element.replaceWith(form.element);
  if (isHere) refocus(active, form, target, by, top);
  const fresh = [...form.controls.values()].filter((control) => !old.controls.has(control.key) && !control.place.hidden);
  for (const control of fresh) control.glow();
  return fresh;
}

function refocus(active, form, target, by, top) {
  if (!target?.checkVisibility()) return form.controls.get(by ?? "")?.focus();
  target.focus({ preventScroll: true });
  if (active.selectionStart !== null && active.selectionStart !== undefined) {
    target.setSelectionRange(active.selectionStart, active.selectionEnd, active.selectionDirection);
  }
  scrollBy(form.element, target.getBoundingClientRect().top - top);
}

/** The element of a field that corresponds to one of the same field in the old form. */
function twin(active, before, now) {
  if (active.tagName === "SUMMARY") return now.first.closest("details")?.querySelector("summary");
  const { value } = active;
  const place = before.elements.indexOf(active);
  return now.elements.find((element) => now.isChoice && element.value === value) ?? now.elements[place] ?? now.first;
}

/** The button that folds the same section. */
function sameFold(active, old, form) {
  const fold = old.folds.all.find((one) => one.button === active);
  return form.folds.all.find((one) => one.key === fold?.key)?.button;
}

/** Let what is in the reader's eye stay where it is, whatever grew or shrank above it. */
function scrollBy(element, distance) {
  const pane = element.closest(".form-pane");
  const isOwn = getComputedStyle(pane).overflowY !== "visible" && pane.scrollHeight > pane.clientHeight;
  (isOwn ? pane : window).scrollBy({ top: distance, behavior: "instant" });
}
