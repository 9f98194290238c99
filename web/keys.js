// Keys by the names that stand on them: those of a German keyboard, and of a Mac.

import { language } from "./strings.js";

const GERMAN = { Ctrl: "Strg", Shift: "Umschalt" };
const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

/** A key, or several with blanks between, as the reader's keyboard calls them. @param {string} keys "Ctrl Shift Z" */
export const keyNames = (keys) => keys.split(" ").map((key) =>
  (MAC && key === "Ctrl" ? "⌘" : (language() === "de" && GERMAN[key]) || key)).join(" ");
