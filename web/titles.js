// What templates are called in the language of the page.

import { templates } from "./api.js";
import { language } from "./strings.js";

/** Titles by language, by identifier and by name of the template. @type {Map<string, Record<string, string>>} */
const translations = new Map();

/** Fetch the templates, keep what they are called, and say that it is known now. */
export async function listed() {
  const found = await templates();
  for (const one of found) for (const key of [one.identifier, one.name]) translations.set(key, one.translations ?? {});
  document.dispatchEvent(new Event("mrrt:titles"));
  return found;
}

/** @param {string} key identifier or name of a template @param {string} title in its own language */
export const titleOf = (key, title) => translations.get(key)?.[language()] ?? title;
