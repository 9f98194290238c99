// Beside the form: what needs the reader, and one of several views of the report. Those besides the text load when asked for.

import "./attention.js";
import { h } from "./dom.js";
import "./preview.js";
import { known, t } from "./strings.js";

/** Views by name; each module exports `show(view, panel)`, called when it opens and when something has changed. */
const PANELS = {
  document: null,
  source: () => import("./source-panel.js"),
  before: () => import("./before-panel.js"),
  versions: () => import("./versions-panel.js"),
};

class Side extends HTMLElement {
  open = "document";

  /** @param {any} view the mrrt-report */
  begin(view) {
    this.view = view;
    const { signal } = view.listening; // plots have the colours of the theme
    document.addEventListener("mrrt:theme", () => this.#update(), { signal });
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => this.#update(), { signal });
    this.className = "side-pane";
    this.attention = document.createElement("mrrt-attention");
    this.preview = document.createElement("mrrt-preview");
    this.tabs = h("div", { class: "tabs", role: "tablist" });
    this.panel = h("div", { class: "panel", role: "tabpanel", id: "side-panel" });
    this.tabs.addEventListener("keydown", (event) => this.#onKey(event));
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && this.#goBack());
    this.replaceChildren(...(view.isFixed ? [] : [this.attention]), h("section", { class: "views" }, this.tabs, this.panel));
    this.#fill();
  }

  relabel() {
    const names = Object.keys(PANELS);
    const focused = this.tabs.contains(document.activeElement);
    this.tabs.setAttribute("aria-label", t("views"));
    this.tabs.replaceChildren(...names.map((name) => h("button", {
      type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "side-panel", "aria-selected": String(name === this.open),
      tabindex: name === this.open ? "0" : "-1", onclick: () => this.choose(name),
    }, t(`view_${name}`))));
    if (focused) this.#tab().focus();
    this.panel.setAttribute("aria-labelledby", `tab-${this.open}`);
    this.preview.label = t(this.view.isFixed ? "documentSigned" : "document");
    this.#update();
  }

  #tab() {
    return /** @type {HTMLElement} */ (this.tabs.querySelector(`#tab-${this.open}`));
  }

  #onKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const names = Object.keys(PANELS);
    this.choose(names[(names.indexOf(this.open) + step + names.length) % names.length]);
    this.#tab().focus();
  }

  /** Open a view; go into it, to scroll and choose there; go back to the text and to where one was. @param {string} name */
  toggle(name) {
    if (!this.view?.draft) return;
    if (this.open !== name) return this.choose(name);
    if (!this.panel.contains(document.activeElement)) {
      this.from = /** @type {HTMLElement|null} */ (document.activeElement);
      return this.panel.focus();
    }
    this.choose("document");
    this.#goBack();
  }

  #goBack() { if (this.from?.isConnected) this.from.focus(); }

  /** @param {string} name */
  choose(name) {
    if (!known(`view_${name}`)) return;
    this.open = name;
    this.#fill();
    this.relabel();
  }

  #fill() {
    this.panel.tabIndex = this.open === "document" ? -1 : 0; // it scrolls, and the report text does so by itself
    this.panel.replaceChildren(...(this.open === "document" ? [this.preview] : [h("div", { class: "view" })]));
  }

  async #update() {
    const { open } = this;
    const load = PANELS[open];
    if (!load) return;
    const { show } = await load();
    if (this.open === open && this.view.isConnected) show(this.view, this.panel.firstElementChild);
  }

  /** The report has changed. @param {any} report */
  refresh(report) {
    this.fresh = this.preview.refresh(report);
    this.#update();
  }

  /** The reader has gone to a field. @param {any} control */
  focus(control) { if (control && this.open === "source") this.#update(); }
}

customElements.define("mrrt-side", Side);
