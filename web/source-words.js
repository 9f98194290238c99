// Words that an SR document or a binding has for sides and cautions, as the page says them.

import "./texts-report.js";
import { known, t } from "./strings.js";

const worded = (/** @type {string} */ key, /** @type {string} */ word) => (known(key) ? t(key) : word.replaceAll("_", " "));

/** @param {string|null|undefined} side */
export const sideText = (side) => (side ? worded(`side_${side}`, side) : "");

/** A caution of a binding; its author may have made others than those that have a text. @param {string} flag */
export const flagText = (flag) => worded(`flag_${flag}`, flag);
