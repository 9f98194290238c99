// Keys that work anywhere on the page, and the list of them.

import { h } from "./dom.js";
import { t } from "./strings.js";

const mac = /Mac|iPhone|iPad/.test(navigator.platform);
const KEYS = [
  [[mac ? "⌘" : "Ctrl", "Enter"], "keySign"],
  [["Alt", "N"], "keyNext"],
  [["Alt", "Z"], "keyBack"],
  [["?"], "keyHelp"],
  [["Esc"], "keyClose"],
];

/** Tell whether the event is this letter with Alt: by what the key types, or its place where Alt types a sign. */
function isAlt(event, letter) {
  if (!event.altKey || event.ctrlKey || event.metaKey) return false;
  const key = event.key.toLowerCase();
  return /^[a-z]$/.test(key) ? key === letter : event.code === `Key${letter.toUpperCase()}`;
}

const takesText = (element) => element?.matches?.("textarea, select, input:not([type=checkbox], [type=radio])");

/**
 * Listen for the keys until `signal` aborts.
 * @param {{sign: () => void, next: () => void, takeBack: () => void}} actions @param {AbortSignal} signal
 */
export function listen(actions, signal) {
  const act = (event, action) => {
    event.preventDefault();
    action();
  };
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) act(event, actions.sign);
    else if (isAlt(event, "n")) act(event, actions.next);
    else if (isAlt(event, "z")) act(event, actions.takeBack);
  }, { signal });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "?" || takesText(event.target) || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  showShortcuts();
});

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
