// Keys that work anywhere on the page.

/** Tell whether the event is this letter with Alt: by what the key types, or its place where Alt types a sign. */
function isAlt(event, letter) {
  if (!event.altKey || event.ctrlKey || event.metaKey) return false;
  const key = event.key.toLowerCase();
  return /^[a-z]$/.test(key) ? key === letter : event.code === `Key${letter.toUpperCase()}`;
}

const takesText = (element) => element?.matches?.("textarea, select, input:not([type=checkbox], [type=radio])");
const ALT = { n: "next", z: "takeBack", s: "source", b: "before", v: "versions", c: "copy", w: "list" };

/** Which action the keys of an event stand for. @param {KeyboardEvent} event */
function actionOf(event) {
  const alt = Object.keys(ALT).find((letter) => isAlt(event, letter));
  if (alt) return ALT[alt];
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return undefined;
  const key = event.key.toLowerCase();
  if (key === "z") return event.shiftKey ? "redo" : "undo";
  return { enter: "sign", k: "palette", p: "print", y: "redo" }[key];
}

/**
 * Listen for the keys until `signal` aborts. An action that returns false leaves the key to the browser.
 * @param {Record<string, () => any>} actions @param {AbortSignal} signal
 */
export function listen(actions, signal) {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const action = actions[actionOf(event) ?? ""];
    if (action && action() !== false) event.preventDefault();
  }, { signal });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "?" || takesText(event.target) || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  showShortcuts();
});

/** Show the list of shortcuts. */
export const showShortcuts = async () => (await import("./shortcuts-dialog.js")).showShortcuts();
