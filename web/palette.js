// Everything that can be done with a report, and every field of it, by typing a part of its name.

import { keyNames } from "./keys.js";
import { pick } from "./picker.js";
import { FORMATS_OF, download } from "./out.js";
import "./texts-report.js";
import "./texts-shared.js";
import { LANGUAGES, LANGUAGE_NAMES, language, t } from "./strings.js";

const THEMES = ["dark", "light", "auto"];

/** Fetch what the palette offers, so that nothing is waited for once it is to be shown. @param {any} view the mrrt-report */
export async function prepared(view) {
  const formats = await FORMATS_OF();
  return async () => {
    const chosen = await pick({ title: t("actions"), hint: t("paletteHint"), options: [...commands(view, formats), ...fields(view)] });
    chosen?.act();
  };
}

/** @param {any} view */
function commands(view, formats) {
  const { acts, side, draft } = view;
  const allowed = new Set(view.acts.actions);
  const one = (when, name, keys, act) => (when ? [{ text: t(name), keys: keyNames(keys), act }] : []);
  return [
    ...one(acts.waysToSign.length, "review", "Ctrl ↵", () => acts.review()),
    ...one(!view.isFixed, "keyNext", "Alt N", () => side.attention.next()),
    ...one(allowed.has("revise"), "do_amended", "", () => acts.lifecycle("amended")),
    ...one(allowed.has("revise"), "do_corrected", "", () => acts.lifecycle("corrected")),
    ...one(allowed.has("append"), "do_append", "", () => acts.lifecycle("append")),
    ...one(allowed.has("discard"), "discard", "", () => acts.lifecycle("discard")),
    ...one(!view.isFixed && draft.steps.canUndo, "undo", "Ctrl Z", () => view.step("undo")),
    ...one(!view.isFixed && draft.steps.canRedo, "redo", "Ctrl Shift Z", () => view.step("redo")),
    ...one(true, "view_source", "Alt S", () => side.choose("source")),
    ...one(true, "view_before", "Alt B", () => side.choose("before")),
    ...one(true, "view_versions", "Alt V", () => side.choose("versions")),
    ...one(!view.isFixed, view.form.folds.keepsOpen ? "foldUnused" : "unfoldUnused", "", () => view.form.folds.foldUnused(!view.form.folds.keepsOpen)),
    ...one(true, "copyText", "Alt C", () => acts.copy()),
    ...one(true, "print", "Ctrl P", () => acts.print()),
    ...formats.map((format) => ({ text: t("downloadAs", { format: t(`format_${format.name}`) }), act: () => download(view, format) })),
    ...one(draft.report.viewer, "images", "", () => window.open(draft.report.viewer, "_blank", "noopener")),
    ...one(true, "keyList", "Alt W", () => (location.hash = "#/")),
    ...one(allowed.has("cancel"), "do_cancel", "", () => acts.lifecycle("cancel")),
    ...one(allowed.has("withdraw"), "do_withdraw", "", () => acts.lifecycle("withdraw")),
    ...THEMES.map((name) => ({ text: `${t("theme")}: ${t(name)}`, act: () => document.dispatchEvent(new CustomEvent("mrrt:choose", { detail: { theme: name } })) })),
    ...LANGUAGES.filter((code) => code !== language()).map((code) => ({
      text: `${t("language")}: ${LANGUAGE_NAMES[code]}`, act: () => document.dispatchEvent(new CustomEvent("mrrt:choose", { detail: { language: code } })) })),
  ];
}

/** @param {any} view */
function fields(view) {
  return [...view.form.controls.values()].filter((control) => !control.place.hidden).map((control) => ({
    text: control.label || control.key, note: control.text && control.text !== "false" ? control.text.slice(0, 60) : "", act: () => view.go(control.key),
  }));
}
