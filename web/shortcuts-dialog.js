// The list of keys that work anywhere on the page.

import { h } from "./dom.js";
import { addTexts, t } from "./strings.js";
import "./texts-shared.js";

addTexts({
  keyUndo: ["Undo, anywhere in the draft", "Rückgängig, im ganzen Entwurf"],
  keyRedo: ["Do again", "Wiederholen"],
  keyPalette: ["All actions and fields", "Alle Aktionen und Felder"],
  keyBefore: ["Earlier report beside this one", "Früherer Befund neben diesem"],
  keyVersions: ["Versions and what changed", "Versionen und was sich geändert hat"],
  keyCopy: ["Copy the report as text", "Befund als Text kopieren"],
  keyBack: ["Take back what was typed into this field", "Eingabe in diesem Feld zurücknehmen"],
  keyHelp: ["This list (outside a field)", "Diese Liste (außerhalb eines Feldes)"],
  keyClose: ["Close a window", "Fenster schließen"],
});

const mac = /Mac|iPhone|iPad/.test(navigator.platform);
const KEYS = [
  [[mac ? "⌘" : "Ctrl", "Enter"], "review"],
  [["Alt", "N"], "keyNext"],
  [["Alt", "S"], "source"],
  [["Alt", "Z"], "keyBack"],
  [[mac ? "⌘" : "Ctrl", "Z"], "keyUndo"],
  [[mac ? "⌘" : "Ctrl", "Shift", "Z"], "keyRedo"],
  [[mac ? "⌘" : "Ctrl", "K"], "keyPalette"],
  [["Alt", "B"], "keyBefore"],
  [["Alt", "V"], "keyVersions"],
  [["Alt", "C"], "keyCopy"],
  [["Alt", "W"], "keyList"],
  [["?"], "keyHelp"],
  [["Esc"], "keyClose"],
];

/** Show the list of shortcuts. */
export function showShortcuts() {
  const dialog = h("dialog", { class: "shortcuts", "aria-labelledby": "shortcuts-title", onclose: () => dialog.remove() },
    h("h2", { id: "shortcuts-title" }, t("shortcuts")),
    h("dl", {}, KEYS.map(([keys, text]) => [
      h("dt", {}, keys.map((key, n) => [n ? " + " : null, h("kbd", {}, key)])),
      h("dd", {}, t(text)),
    ])),
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, t("close"))));
  document.body.append(dialog);
  dialog.showModal();
}
