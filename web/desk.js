// What the desks share: a column of rooms and a pane, tables, and how what is loaded or failed is shown.

import * as api from "./desk-api.js";
import { h } from "./dom.js";
import "./texts-desk.js";
import "./texts-shared.js";
import { t } from "./strings.js";

/**
 * @typedef {{name: string, permission: string, within?: string, load: () => Promise<{show: (pane: HTMLElement, rest: string[], session: any, signal: AbortSignal) => any}>}} Tab
 */

/** A desk: rooms of which each person sees those that they may use. */
export class Desk extends HTMLElement {
  /** @type {string[]} */ place = [];
  root = "";
  title = "";
  /** @type {Tab[]} */ tabs = [];
  #shown = new AbortController(); // of what stands in the pane
  #turn = 0;

  connectedCallback() {
    this.listening = new AbortController();
    document.getElementById("context").replaceChildren();
    this.className = "desk";
    this.replaceChildren(h("h1", { tabindex: "-1" }, t(this.title))); // a page has its heading from the first moment
    document.addEventListener("mrrt:language", () => this.session && this.#busy(() => this.#draw()), { signal: this.listening.signal });
    return this.#busy(() => this.#begin());
  }

  disconnectedCallback() {
    this.listening.abort();
    this.#shown.abort();
  }

  /** Another room of this desk; what stands around it stays. @param {string[]} place */
  enter(place) {
    this.place = place;
    return this.session && this.#busy(() => this.#draw());
  }

  /** @param {() => Promise<any>} work */
  async #busy(work) {
    const turn = (this.#turn += 1);
    this.ariaBusy = "true";
    try {
      await work();
    } catch (error) {
      if (turn !== this.#turn) return; // another room stands there now
      const pane = this.querySelector(".desk-pane");
      if (pane) pane.replaceChildren(failureOf(error));
      else this.append(failureOf(error));
    }
    if (turn === this.#turn) this.ariaBusy = "false";
  }

  async #begin() {
    this.session = await api.session();
    if (!this.session.name && this.session.methods.length) {
      await (await import("./sign-in.js")).signIn();
      this.session = await api.session();
    }
    await this.#draw();
  }

  async #draw() {
    this.#shown.abort();
    const { signal } = (this.#shown = new AbortController());
    const open = this.tabs.filter(({ permission }) => this.session.permissions.includes(permission));
    const [name, ...rest] = this.place;
    const tab = open.find((one) => one.name === name) ?? open[0];
    document.title = `${t(this.title)} · mrrt`;
    const heading = h("h1", { tabindex: "-1" }, t(this.title));
    if (!tab) return this.replaceChildren(heading, h("p", { class: "muted" }, t("nothingForYou")));
    const links = open.filter((one) => !one.within).map((one) => h("li", {}, h("a", { href: `#/${this.root}/${one.name}`, "aria-current": one === tab ? "page" : one.name === tab.within ? "true" : null }, t(`${this.root}_${one.name}`))));
    const pane = h("div", { class: "desk-pane", role: "region", "aria-label": t(`${this.root}_${tab.name}`) }, h("p", { class: "muted" }, t("loading")));
    this.replaceChildren(h("nav", { "aria-label": t(this.title) }, heading, h("ul", {}, links)), pane);
    heading.focus({ preventScroll: true });
    const room = await tab.load();
    return signal.aborted ? undefined : room.show(pane, rest, this.session, signal);
  }
}

/** What went wrong, as people read it. @param {any} error */
export const failureOf = (error) =>
  h("p", { class: "failure", role: "alert" }, t("failed", { detail: error.status === 0 ? t("serverAway") : error.message }));

/**
 * A table with a caption that is read aloud.
 * @param {string} caption @param {string[]} heads @param {any[]} rows rows, or none
 */
export function table(caption, heads, rows, none = t("nothingHere")) {
  if (!rows.length) return h("p", { class: "muted" }, none);
  const alike = (n) => (rows[0].children[n]?.classList.contains("number") ? "number" : null); // a head stands over its numbers
  return h("table", { class: "rows" }, h("caption", { class: "visually-hidden" }, caption),
    h("thead", {}, h("tr", {}, heads.map((head, n) => h("th", { scope: "col", class: alike(n) }, head)))), h("tbody", {}, rows));
}

/** A button that acts, and says beside itself what went wrong. @param {string} text @param {() => Promise<any>} act */
export function action(text, act, label = null) {
  const button = h("button", { type: "button", class: "small", "aria-label": label, onclick: async () => {
    button.disabled = true;
    button.parentElement.querySelector(".failure")?.remove();
    try {
      await act();
    } catch (error) {
      button.after(failureOf(error));
    }
    button.disabled = false;
  } }, text);
  return button;
}

/** A section with a title and what can be done there. */
export const section = (title, acts, ...content) => h("section", {},
  h("div", { class: "desk-head" }, h("h2", {}, title), ...acts), ...content);
