// The list of keys that work where one is.

import { h, showOver } from "./dom.js";
import { keyNames } from "./keys.js";
import { addTexts, t } from "./strings.js";
import "./texts-shared.js";

addTexts({
  keyChoose: ["In a field that several measurements fit: take the first to the ninth", "In einem Feld, zu dem mehrere Messwerte passen: den ersten bis neunten nehmen"],
  keyUndo: ["Undo, anywhere in the draft", "Rückgängig, im ganzen Entwurf"],
  keyRedo: ["Do again", "Wiederholen"],
  keyPalette: ["All actions and fields", "Alle Aktionen und Felder"],
  keyBefore: ["Earlier report beside this one", "Früherer Befund neben diesem"],
  keyVersions: ["Versions and what changed", "Fassungen und was sich geändert hat"],
  keyCopy: ["Copy the report as text", "Befund als Text kopieren"],
  keyPrint: ["Print the report alone", "Nur den Befund drucken"],
  keyBack: ["Take back what was typed into this field", "Eingabe in diesem Feld zurücknehmen"],
  keyOther: ["On a new study of the worklist: another template", "Auf einer neuen Studie der Arbeitsliste: andere Vorlage"],
  keyHelp: ["This list (outside a field)", "Diese Liste (außerhalb eines Feldes)"],
  keyRedoToo: ["Do again, too", "Ebenfalls wiederholen"],
  keyInto: ["The same again: into that view, and back", "Noch einmal: in diese Ansicht, und zurück"],
  keyViews: ["From view to view, on their names", "Von Ansicht zu Ansicht, auf deren Namen"],
  keySearch: ["Search the worklist", "Arbeitsliste durchsuchen"],
  keyRows: ["Through the search and the entries", "Durch Suche und Einträge"],
  keyOpen: ["Open the report, or start it", "Befund öffnen oder beginnen"],
  keyClose: ["Close a window", "Fenster schließen"],
});

const DRAFT = [
  [["Ctrl", "Enter"], "review"],
  [["Alt", "N"], "keyNext"],
  [["Alt", "1–9"], "keyChoose"],
  [["Alt", "Z"], "keyBack"],
  [["Ctrl", "Z"], "keyUndo"],
  [["Ctrl", "Shift", "Z"], "keyRedo"],
  [["Ctrl", "Y"], "keyRedoToo"],
];
const REPORT = [
  [["Ctrl", "K"], "keyPalette"],
  [["Alt", "S"], "source"],
  [["Alt", "B"], "keyBefore"],
  [["Alt", "V"], "keyVersions"],
  [["Alt", "S/B/V"], "keyInto"],
  [["←", "→"], "keyViews"],
  [["Alt", "C"], "keyCopy"],
  [["Ctrl", "P"], "keyPrint"],
  [["Alt", "W"], "keyList"],
];
const WORKLIST = [
  [["/"], "keySearch"],
  [["↑", "↓"], "keyRows"],
  [["Enter"], "keyOpen"],
  [["Shift", "Enter"], "keyOther"],
];
const ANYWHERE = [
  [["?"], "keyHelp"],
  [["Esc"], "keyClose"],
];

/** The keys of the view that is shown; a signed report takes those for drafts no more. */
function keysHere() {
  const report = /** @type {any} */ (document.querySelector("mrrt-report"));
  const here = report ? [...(report.isFixed ? [] : DRAFT), ...REPORT] : document.querySelector("mrrt-worklist") ? WORKLIST : [];
  return [...here, ...ANYWHERE];
}

/** Arrows are two keys, of which one is pressed; the others are pressed together. */
const between = (key) => ("←→↑↓".includes(key) ? " " : " + ");

/** Show the list of shortcuts. */
export function showShortcuts() {
  const dialog = h("dialog", { class: "shortcuts", "aria-labelledby": "shortcuts-title" },
    h("h2", { id: "shortcuts-title" }, t("shortcuts")),
    h("dl", {}, keysHere().map(([keys, text]) => [
      h("dt", {}, keys.map((key, n) => [n ? between(key) : null, h("kbd", {}, keyNames(key))])),
      h("dd", {}, t(text)),
    ])),
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, t("close"))));
  showOver(dialog);
}
