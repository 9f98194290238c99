// What a reader does with a whole report: sign, revise, take it out, look at its past. What is rarely needed is loaded then.

import * as api from "./api.js";
import { reviewAndSign } from "./sign-dialog.js";
import { t } from "./strings.js";

/** What an action needs, as the table of the server says. */
const PERMISSIONS = { "sign-preliminary": "sign-preliminary", sign: "sign", revise: "sign", discard: "sign", append: "sign", withdraw: "sign" };

/** @typedef {{name: string, keys?: string, act: () => void}} Command */

export class Acts {
  isBusy = false; // a step of the reader is on its way, and shows by itself what became of the report

  /** @param {any} view the mrrt-report */
  constructor(view) { this.view = view; }

  get report() { return this.view.draft.report; }

  /** What keys do, wherever the focus is. */
  keys() {
    const { view } = this;
    return {
      sign: () => void this.review(), next: () => view.side?.attention?.next(), takeBack: () => view.takeBack(),
      undo: () => this.#step("undo"), redo: () => this.#step("redo"), palette: () => this.palette(),
      source: () => view.side?.toggle("source"), before: () => view.side?.toggle("before"), versions: () => view.side?.toggle("versions"),
      copy: () => void this.copy(), print: () => void this.print(), list: () => (location.hash = "#/"),
    };
  }

  /** A text field that holds something unsent undoes by itself, key by key. @returns {boolean} whether it was ours to do */
  #step(which) {
    const { view } = this;
    if (!view.draft || view.form.controlOf(document.activeElement)?.isDirty) return false;
    view.step(which);
    return true;
  }

  /** The ways to sign that report, site and reader have. @returns {string[]} */
  get waysToSign() {
    const { actions } = this;
    return actions.filter((name) => name === "sign" || (name === "sign-preliminary" && !(this.report.revision && actions.includes("sign"))));
  }

  /** What report, site and reader allow. @returns {string[]} */
  get actions() { return this.report.actions.filter((name) => api.may(PERMISSIONS[name] ?? "write-reports")); }

  /** Show what would be signed. @param {string} [note] why it is shown again */
  async review(note = "") {
    const { view } = this;
    if (!view.draft || !this.waysToSign.length || this.reviewing) return;
    this.reviewing = true;
    const saved = await this.settle();
    this.reviewing = false;
    if (!view.isConnected) return;
    await reviewAndSign({
      report: this.report, items: view.items(), saved, note, allowed: this.waysToSign, label: view.label, go: (field) => view.go(field),
      done: () => view.heading.focus(), again: () => this.review(t("changedMeanwhile")),
      sign: (version, acknowledge, preliminary) => this.#sign(version, acknowledge, preliminary),
    });
  }

  /** Wait until everything typed is in the report, and tell whether it is. */
  async settle() {
    const { view } = this;
    const focused = view.form.controlOf(document.activeElement);
    if (focused && !view.isFixed) view.draft.commit(focused);
    view.draft.commitAll();
    const settled = await view.draft.queue.settled();
    if (settled) await view.reshaping; // what is open is open in the form of now
    return settled && !view.draft.hasUnsaved;
  }

  async #sign(version, acknowledge, preliminary) {
    await this.#alone(async () => this.view.open(await api.sign(this.report.id, version, acknowledge, preliminary)));
    document.dispatchEvent(new Event("mrrt:signed"));
  }

  /** Carry out a step; where the report is another one by now, show it. @param {() => Promise<any>} step */
  async #alone(step) {
    this.isBusy = true;
    try {
      await step();
    } catch (error) {
      if (error.status === 412) await this.view.draft.reload();
      throw error;
    } finally {
      this.isBusy = false;
    }
  }

  /** Carry out a step of the report's life, and show what became of it. @param {(id: string, version: number) => Promise<any>} step */
  async take(step) {
    if (!await this.settle()) throw new api.ApiError(409, t("notYetSaved"));
    await this.#alone(async () => {
      await step(this.report.id, this.report.version);
      await this.view.goOn(await api.report(this.report.id));
    });
  }

  /** Steps that ask for a text first. @param {"amended"|"corrected"|"append"|"cancel"|"withdraw"|"discard"} kind */
  async lifecycle(kind) { (await import("./lifecycle.js")).ask(this, kind); }

  /** Answer an alert before the signature. @param {import("./types.js").Problem} alert */
  async acknowledge(alert) { (await import("./lifecycle.js")).acknowledge(this, alert); }

  /** Give a measurement without a place a field. @param {any} unmatched */
  async assign(unmatched) { (await import("./assign.js")).assign(this.view, unmatched); }

  /** What is typed before the palette is there must not get into the field that has the focus. */
  async palette() {
    if (!this.view.draft || this.opening) return;
    const held = /** @type {HTMLElement|null} */ (document.activeElement);
    this.opening = true;
    held?.blur();
    const show = await import("./palette.js").then(({ prepared }) => prepared(this.view), () => undefined); // the server is away
    this.opening = false;
    if (!this.view.isConnected) return;
    held?.focus();
    show?.();
  }

  /** Offers that came from outside: late measurements, a later version of the template. */
  async look() { if (this.actions.length) (await import("./offers.js")).look(this.view); }

  async print() { if (this.view.draft) (await import("./out.js")).print(this.view); }

  async copy() { if (this.view.draft) (await import("./out.js")).copy(this.view); }
}
