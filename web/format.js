// Names, dates and numbers as people read them, in the language of the page.

import { language } from "./strings.js";

const LOCALES = { en: "en-GB", de: "de-DE" };
const locale = () => LOCALES[language()] ?? "en-GB";

/** DICOM person name to "FAMILY, Given", in ideographic characters, too, where it is there. @param {string} name */
export function personName(name) {
  const said = [", ", " "].map((mark, group) => (name.split("=")[group] ?? "").split("^", 2).map((part) => part.trim()).filter(Boolean).join(mark));
  return said.every(Boolean) ? `${said[0]} (${said[1]})` : said.join("");
}

/** @param {string} iso "2026-01-31" */
export function day(iso) {
  const moment = new Date(`${iso}T12:00:00Z`);
  if (!iso || Number.isNaN(moment.valueOf())) return iso;
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeZone: "UTC" }).format(moment);
}

/** The time zone of the site, as reports have it. @type {string|undefined} */
let zone;

/** @param {string|null|undefined} name IANA name; one that the browser does not know is none */
export function setZone(name) {
  try {
    zone = name ? new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone : undefined;
  } catch {
    zone = undefined;
  }
}

/** The zone that times are shown in; undefined is that of the browser. */
export const shownZone = () => zone;

/** @param {string|null} iso a point in time; one without a zone, as devices say it, is written as it stands */
export function moment(iso) {
  if (!iso) return "";
  const hasZone = !iso.includes("T") || /(Z|[+-]\d\d:?\d\d)$/.test(iso);
  const format = new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short", timeZone: hasZone ? zone : "UTC" });
  return format.format(new Date(hasZone ? iso : `${iso}Z`));
}

/** Age in whole years on a day. @param {string} born @param {string} on */
export function age(born, on) {
  if (!/^\d{4}-\d\d-\d\d$/.test(born) || !/^\d{4}-\d\d-\d\d$/.test(on)) return null;
  const had = on.slice(5) >= born.slice(5) ? 0 : 1;
  return Number(on.slice(0, 4)) - Number(born.slice(0, 4)) - had;
}

/** A decimal as text, with the decimal mark of the page's language. @param {string} text */
export const decimal = (text) => (language() === "de" ? text.replace(".", ",") : text);

/** A unit as it is read: "1" says nothing. @param {string|null|undefined} unit */
export const unitText = (unit) => (!unit || unit === "1" ? "" : unit);

/** A number with its unit. */
export const quantity = (value, unit) => [decimal(String(value ?? "")), unitText(unit)].filter(Boolean).join("\u00a0");
