// The form of a template without a report.

import { h } from "./dom.js";
import { buildForm } from "./form.js";

/** A page as a reader sees it in an empty report; only to be looked at. @param {string} html @param {any[]} fields */
export function emptyForm(html, fields) {
  const { element } = buildForm({ html, fields, shape: "" }, { values: {}, irrelevant: [] }, false);
  return h("div", { class: "preview-form", inert: true }, element);
}
