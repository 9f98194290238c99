// What a problem says in the language of the page: what its rule demands and how to mend it, and, smaller, the words of
// the program about this one place, which are English.

import { h } from "./dom.js";
import { language, t } from "./strings.js";
import { isMendedByPlace, RULES } from "./rule-words.js";
import "./texts-templates.js";

const said = ({ rule }) => RULES[language()]?.[rule];
/** Alerts and constraints are no rules of the program: they speak in the words of the template. */
const isOwn = ({ rule }) => Object.values(RULES).some((rules) => rule in rules);
const own = (one, text, isSmall) => h("span", { class: isSmall ? "own" : null, lang: isOwn(one) ? "en" : null }, text);

/** @param {number} n */
export const problemsN = (n) => t(n === 1 ? "oneProblem" : "problemsN", { n });

/** @param {{rule: string, message: string}} one a problem, or what was mended */
export function wrong(one) {
  const words = said(one);
  return words ? [h("span", {}, t("ruleSays", { text: words[0] })), " ", own(one, one.message, true)] : own(one, one.message, false);
}

/** All of a problem: what the rule demands, how to mend it, and the words about this place below. @param {any} one */
export function whole(one) {
  const mend = h("span", { class: "mend" }, said(one)?.[1] ?? own(one, one.mend ?? "", false));
  const rule = h("code", {}, one.rule);
  if (!said(one)) return [own(one, one.message, false), " ", mend, " ", rule];
  const here = [one.message, isMendedByPlace(one.rule) && one.mend].filter(Boolean).join(" – ");
  return [h("span", {}, t("ruleSays", { text: said(one)[0] })), " ", mend, " ", rule, own(one, here, true)];
}

/** @param {{rule: string, mend?: string}} one a problem */
export function remedy(one) {
  const words = said(one);
  if (!words) return own(one, one.mend ?? "", false);
  return [h("span", {}, words[1]), one.mend && isMendedByPlace(one.rule) ? [" ", own(one, one.mend, true)] : ""].flat();
}
