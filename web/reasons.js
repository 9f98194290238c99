// What would make a calculated value another one, and what other criteria say; asked of the server.

import { explanation } from "./api.js";
import { decimal, quantity } from "./format.js";
import { language, t } from "./strings.js";

let last = { of: "", found: null };

/** The reasons of a field of a report as it is saved, or null; what could not be had is asked for anew the next time. */
export async function reasonsOf(report, key) {
  const of = [report.id, report.version, key].join(" ");
  if (last.of !== of) last = { of, found: explanation(report.id, key) };
  const mine = last;
  return mine.found.catch(() => {
    if (last === mine) last = { of: "", found: null };
    return null;
  });
}

const NUMBER = /^-?\d+(\.\d+)?$/;
/** A number as the page writes it, and anything else as it is. */
const said = (value) => (NUMBER.test(value) ? decimal(String(value)) : value);

/** The items of a list as the logic writes it, null for anything else. */
function items(value) {
  try {
    return String(value).startsWith('["') ? JSON.parse(value) : null;
  } catch {
    return null;
  }
}

/** A value as it is called on the page. @param {any} field of the template, or nothing */
export function named(field, value) {
  const several = field?.choices?.length ? items(value) : null;
  if (several) return several.map((one) => named(field, one)).join(", ");
  const choice = field?.choices?.find((one) => one.value === value);
  return choice?.translations?.[language()] ?? choice?.text ?? said(value);
}

function where(flip, field) {
  if (flip.low !== null && flip.low === flip.high) return named(field, flip.low);
  const unit = flip.unit === "1" ? "" : flip.unit ?? "";
  const end = (value, side) => value !== null && t(side, { value: `${said(value)} ${unit}`.trim() });
  const ends = [end(flip.low, flip.low_closed ? "atLeast" : "above"), end(flip.high, flip.high_closed ? "atMost" : "below")];
  return [flip.about && "≈", ...ends].filter(Boolean).join(" ");
}

/**
 * What went into a value, as the page calls it, and what of it is not known; intermediate results are left out, and what
 * would make it another one, which is told by itself.
 * @param {string[]} unknown what the rule lacked, by its own names @param {(key: string) => any} controlOf a field of the page, or nothing
 */
export function inputsOf({ inputs, flips }, unknown, controlOf) {
  const shown = inputs.map((input) => ({ ...input, control: controlOf(input.name) })).filter((input) => input.control);
  const has = ({ value }) => value !== null && value !== undefined && value !== "";
  const given = shown.filter(has).map(({ control, value, unit }) =>
    `${control.label} ${control.field?.choices?.length ? named(control.field, value) : quantity(value, unit)}`);
  const isTold = ({ name }) => flips.some((flip) => flip.input === name);
  const missing = shown.filter((input) => !has(input) && unknown.includes(input.parameter) && !isTold(input)).map(({ control }) => control.label);
  return missing.length ? [...given, t("unknownInputs", { names: missing.join(", ") })] : given;
}

/** Lines, each with a name and its parts. @param {(key: string) => any} controlOf a field of the page, or nothing */
export function linesOf({ field, flips, by_criteria }, controlOf) {
  const own = controlOf(field)?.field;
  const turns = flips.filter((flip) => controlOf(flip.input)).sort((one, other) => !one.change - !other.change).map((flip) => {
    const control = controlOf(flip.input);
    const change = +flip.change ? ` (${decimal(flip.change).replace("-", "−")})` : "";
    return `${control.label} ${where(flip, control.field)}${change}: ${named(own, flip.outcome)}`;
  });
  const others = by_criteria.filter((one) => !one.in_force).map((one) => `${one.criteria}: ${named(own, one.value)}`);
  return [[t("wouldFlip"), turns], [t("otherCriteria"), others]].filter(([, parts]) => parts.length);
}
