// The form of a template without a report.

import { h } from "./dom.js";
import { buildForm } from "./form.js";

/**
 * A page as a reader sees it in an empty report: to be looked at and heard, not to be filled. Lists stay open to those
 * who want to read their choices.
 * @param {string} html @param {any[]} fields
 */
export function emptyForm(html, fields) {
  const { element } = buildForm({ html, fields, shape: "" }, { values: {}, irrelevant: [] }, false);
  for (const control of element.querySelectorAll("input, textarea")) {
    if (["checkbox", "radio"].includes(control.type)) control.disabled = true;
    else control.readOnly = true;
  }
  return h("div", { class: "preview-form" }, element);
}
