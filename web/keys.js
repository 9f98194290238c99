// Keys by the names that stand on them.

import { language } from "./strings.js";

const GERMAN = { Ctrl: "Strg", Shift: "Umschalt" };
const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

/** Keys with blanks between, as the reader's keyboard calls them. @param {string} keys */
export const keyNames = (keys) => keys.split(" ").map((key) =>
  (MAC && key === "Ctrl" ? "⌘" : (language() === "de" && GERMAN[key]) || key)).join(" ");
