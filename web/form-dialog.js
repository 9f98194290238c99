// A window with a small form: asks, checks that what is needed is there, acts, and says what went wrong.

import { h, showOver } from "./dom.js";
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

/** What was typed into windows that were closed without it being used, by their keys. @type {Map<string, Record<string, any>>} */
const left = new Map();

/** Where the focus came from may be gone, as the step changed the page: then it goes to the title. */
function keepFocus() {
  if (document.activeElement !== document.body) return;
  /** @type {HTMLElement} */ (document.querySelector("main h1[tabindex]") ?? document.querySelector("main")).focus({ preventScroll: true });
}

/**
 * Ask, and act on the answer. The window stays until it worked, or is closed.
 * @param {{title: string, explain?: string, fields: Asked[], act: string, key?: string, take: (values: Record<string, any>) => Promise<any>}} given
 *   what was typed is there again when a window of the same `key` opens
 */
export function askForm({ title, explain, fields, act, key = "", take }) {
  const problem = h("p", { class: "failure", role: "alert" });
  const controls = fields.map((one) => ({ ...one, element: control({ ...one, value: left.get(key)?.[one.name] ?? one.value }) }));
  const typed = () => Object.fromEntries(controls.map(({ name, element }) => [name, read(element)]));
  const button = h("button", { class: "primary", id: "step-act" }, act);
  const rows = controls.map(({ label, type, element }) => (type === "choices"
    ? h("fieldset", {}, h("legend", {}, label), element) : h("label", {}, h("span", {}, label), element)));
  const form = h("form", { class: "step" }, explain && h("p", { class: "muted" }, explain), rows,
    h("div", { class: "actions" }, problem, h("button", { type: "button", onclick: () => dialog.close() }, t("back")), button));
  const dialog = h("dialog", { "aria-labelledby": "step-title", onclose: () => leave() }, h("h2", { id: "step-title" }, title), form);
  let isTaken = false;
  const leave = () => {
    if (isTaken) left.delete(key);
    else if (key) left.set(key, typed());
    dialog.remove(); // until then a button of it may have the focus
    keepFocus();
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = typed();
    const missing = controls.find(({ name, optional }) => !optional && !values[name].length);
    if (missing) {
      problem.textContent = t("textNeeded", { text: missing.label });
      return (missing.element.matches(".boxes") ? missing.element.querySelector("input") : missing.element).focus();
    }
    button.disabled = true;
    try {
      await take(values);
      isTaken = true;
      dialog.close();
    } catch (error) {
      problem.textContent = t("failed", { detail: error.status === 0 ? t("serverAway") : error.message });
      button.disabled = false;
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.target.matches("textarea") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  showOver(dialog);
  const [first] = controls;
  (first ? first.element.matches(".boxes") ? first.element.querySelector("input") : first.element : button).focus();
}
