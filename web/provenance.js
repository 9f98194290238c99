// Where a value came from: its mark beside the field, and the line that tells all of it.

import { h, hiddenText, icon } from "./dom.js";
import { quantity } from "./format.js";
import { inputsOf, linesOf, reasonsOf } from "./reasons.js";
import { known, t } from "./strings.js";

/** @typedef {import("./types.js").ValueView} ValueView */

/** Name of the text that says how a value came to be; null where nobody said anything. @param {ValueView|undefined} view */
export function provenanceOf(view) {
  if (!view) return null;
  if (view.covered) return `${view.covered.provenance}_typed`;
  return view.value === null && view.provenance === "typed" && !view.absent ? null : view.provenance;
}

/** Tell whether a reader's entry stands there, which can be taken back. @param {ValueView|undefined} view */
export const isTyped = (view) => view?.provenance === "typed";

/** The mark of a value: a small drawing, and the same in words for screen readers. @param {ValueView|undefined} view */
export function mark(view) {
  const provenance = provenanceOf(view);
  const silent = !provenance || (view.value === null && !view.covered);
  if (silent) return [];
  return [icon(view.provenance === "merged" ? "imported" : view.provenance), hiddenText(t(provenance))];
}

/** @param {ValueView|null|undefined} view */
export function valueText(view) {
  if (!view || view.value === null) return view?.text || t(view?.provenance === "typed" ? "cleared" : "empty");
  return view.text || quantity(view.value, view.unit);
}

/** How an imported or calculated value came to be, in the parts of one line. @param {ValueView} view */
function origin(view) {
  const source = view.source;
  if (!source) return [];
  return [
    source.device,
    source.path && t("srItem", { path: source.path }),
    source.received && t("received", { value: quantity(source.received, source.received_unit) }),
    view.provenance === "calculated" ? null : source.rule,
    ...(source.flags ?? []).map((flag) => flag.replaceAll("_", " ")),
  ].filter(Boolean);
}

/** What a calculated value follows from: the rule and why. @param {import("./types.js").Explanation|undefined} explanation */
function reasons(explanation) {
  if (!explanation) return [];
  const table = explanation.criteria ?? (explanation.rule ? explanation.decision : null); // a formula says nothing here
  const decided = [table, explanation.rule && t("rule", { n: explanation.rule })].filter(Boolean).join(", ");
  return [[decided, explanation.text].filter(Boolean).join(": ")];
}

const legend = () => h("p", { class: "legend" }, ["imported", "calculated", "typed", "default"].map((name) =>
  h("span", { class: "key", "data-provenance": name }, icon(name), t(name))));

class SourceLine extends HTMLElement {
  connectedCallback() {
    this.setAttribute("role", "region");
    this.tabIndex = 0; // it scrolls
    this.show(null);
  }

  /**
   * @param {null|{label: string, view?: ValueView, explanation?: any, required: boolean, message?: string,
   *   report: any, key: string, controlOf: (key: string) => any, takeBack: null|(() => void)}} about null shows what the marks mean
   */
  show(about) {
    this.setAttribute("aria-label", t("source"));
    this.about = about;
    if (!about) return this.replaceChildren(legend());
    const { view, explanation, takeBack } = about;
    const provenance = provenanceOf(view);
    const head = h("p", { class: "head" },
      h("strong", {}, about.label),
      h("span", { class: "value" }, valueText(view)),
      provenance && h("span", { class: "key", "data-provenance": view.covered ? "changed" : provenance },
        ...mark(view).slice(0, 1), known(provenance) ? t(provenance) : provenance),
      about.required && h("span", { class: "key" }, t("required")),
      takeBack && h("button", { type: "button", class: "small", onclick: takeBack }, t("takeBack"), h("kbd", {}, "Alt+Z")));
    const parts = view ? [...origin(view), ...(view.provenance === "calculated" ? reasons(explanation) : [])] : [];
    this.replaceChildren(head, this.#message(about.message), this.#beneath(view), this.#parts(parts));
    if (explanation && !about.isShown()) this.#ask(about);
  }

  /** Add what only the server can tell, unless another field is shown by then. */
  async #ask(about) {
    await new Promise((resume) => setTimeout(resume, 120)); // who only passes by asks nothing
    const found = this.about === about && await reasonsOf(about.report, about.key);
    if (!found || this.about !== about) return;
    const given = inputsOf(found, about.explanation.unknown, about.controlOf);
    const parts = this.querySelector(".parts");
    if (parts) parts.textContent = [parts.textContent, ...given].filter(Boolean).join(" · ");
    this.append(...linesOf(found, about.controlOf).map(([name, parts]) =>
      h("p", { class: "reasons" }, [h("strong", {}, name), ...parts.map((one) => h("span", {}, one))])));
    document.activeElement?.scrollIntoView({ block: "nearest" }); // the line has grown
  }

  #beneath(view) {
    if (!view?.covered) return "";
    const how = [t(view.covered.provenance), ...origin(view.covered)].join(" · ");
    return h("p", { class: "beneath" }, t("beneath", { value: valueText(view.covered), how }));
  }

  #parts(parts) {
    return parts.length ? h("p", { class: "parts" }, parts.join(" · ")) : "";
  }

  #message(message) {
    return message ? h("p", { class: "message-line" }, icon("error"), message) : "";
  }
}

customElements.define("mrrt-source", SourceLine);
