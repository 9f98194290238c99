// A window with a small form: asks, checks that what is needed is there, acts, and says what went wrong.

import { h } from "./dom.js";
import "./texts-shared.js";
import { t } from "./strings.js";

/**
 * @typedef {{name: string, label: string, type?: "text"|"long"|"password"|"choices"|"date", value?: any, optional?: boolean,
 *   choices?: [string, string][], hint?: string}} Asked `choices` are checkboxes, each with value and label
 */

/** @param {Asked} asked */
function control({ name, type = "text", value, choices = [], hint }) {
  if (type === "long") return Object.assign(h("textarea", { id: `ask-${name}`, rows: 5 }), { value: value ?? "" });
  if (type === "choices") {
    return h("div", { class: "boxes", id: `ask-${name}`, role: "group" }, choices.map(([one, text]) =>
      h("label", { class: "box" }, h("input", { type: "checkbox", value: one, checked: value?.includes(one) }), h("span", {}, text))));
  }
  const input = h("input", { id: `ask-${name}`, type, autocomplete: type === "password" ? "new-password" : "off", placeholder: hint });
  input.value = value ?? "";
  return input;
}

const read = (element) => (element.matches(".boxes")
  ? [...element.querySelectorAll("input:checked")].map((one) => one.value) : element.type === "password" ? element.value : element.value.trim());

/**
 * Ask, and act on the answer. The window stays until it worked, or is closed.
 * @param {{title: string, explain?: string, fields: Asked[], act: string, take: (values: Record<string, any>) => Promise<any>}} given
 */
export function askForm({ title, explain, fields, act, take }) {
  const problem = h("p", { class: "failure", role: "alert" });
  const controls = fields.map((one) => ({ ...one, element: control(one) }));
  const button = h("button", { class: "primary", id: "step-act" }, act);
  const rows = controls.map(({ label, type, element }) => (type === "choices"
    ? h("fieldset", {}, h("legend", {}, label), element) : h("label", {}, h("span", {}, label), element)));
  const form = h("form", { class: "step" }, explain && h("p", { class: "muted" }, explain), rows,
    h("div", { class: "actions" }, problem, h("button", { type: "button", onclick: () => dialog.close() }, t("back")), button));
  const dialog = h("dialog", { "aria-labelledby": "step-title", onclose: () => dialog.remove() }, h("h2", { id: "step-title" }, title), form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(controls.map(({ name, element }) => [name, read(element)]));
    const missing = controls.find(({ name, optional }) => !optional && !values[name].length);
    if (missing) {
      problem.textContent = t("textNeeded", { text: missing.label });
      return (missing.element.matches(".boxes") ? missing.element.querySelector("input") : missing.element).focus();
    }
    button.disabled = true;
    try {
      await take(values);
      dialog.close();
    } catch (error) {
      problem.textContent = t("failed", { detail: error.status === 0 ? t("serverAway") : error.message });
      button.disabled = false;
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.target.matches("textarea") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  document.body.append(dialog);
  dialog.showModal();
  const [first] = controls;
  (first ? first.element.matches(".boxes") ? first.element.querySelector("input") : first.element : button).focus();
}
