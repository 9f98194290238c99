// Between the form and the server: when an edit is sent, what its answer changes, and what to do when it fails.

import * as api from "./api.js";
import * as outbox from "./outbox.js";
import { valueText } from "./provenance.js";
import { EditQueue } from "./queue.js";
import { Steps, restoring } from "./undo.js";

const PAUSE = 500; // ms after the last key
const equal = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const says = (view) => (view ? [view.value, view.unit, view.provenance] : null);

/**
 * The draft that is being edited. Events: "change" {fields, by} after every answer, "state" of the queue.
 * `notices` are things that happened elsewhere; `refused` and `conflicts` are texts that are not in the report.
 */
export class Draft extends EventTarget {
  /** @type {Map<string, {value: any, message: string}>} */ refused = new Map();
  /** @type {Map<string, {mine: any, text: string, theirs: any}>} */ conflicts = new Map();
  /** @type {{field: string, before: string, after: string}[]} */ notices = [];
  steps = new Steps();
  #timers = new Map();
  #bases = new Map(); // what the report said in a field before what is unsaved in it
  #forced = new WeakSet(); // edits that the reader did not type where they show

  /** @param {import("./api.js").ReportView} report @param {import("./form.js").Form} form */
  constructor(report, form) {
    super();
    this.report = report;
    this.form = form;
    this.queue = new EditQueue((edit) => api.edit(report.id, this.report.version, [edit]), () => this.reload());
    this.queue.addEventListener("saved", (event) => this.#saved(/** @type {any} */ (event).detail));
    this.queue.addEventListener("refused", (event) => this.#refuse(/** @type {any} */ (event).detail));
    this.queue.addEventListener("state", () => this.#moved());
  }

  #moved() {
    for (const field of this.#bases.keys()) {
      const open = this.queue.has(field) || this.#timers.has(field) || this.refused.has(field) || this.conflicts.has(field);
      if (!open) this.#bases.delete(field);
    }
    outbox.keep(this.report.id, this.#kept());
    this.dispatchEvent(new Event("state"));
  }

  /** Everything that is typed and not in the report. @returns {outbox.Kept[]} */
  #kept() {
    const kept = (edit, more) => ({ edit, base: this.#bases.get(edit.field) ?? null, ...more });
    const typing = [...this.#timers.keys()].flatMap((field) => this.form.controls.get(field) ?? []).filter((one) => one.isDirty);
    return [
      ...this.queue.unsaved.map((edit) => kept(edit)),
      ...typing.map((control) => kept({ field: control.key, value: control.read() })),
      ...[...this.refused].map(([field, { value, message }]) => kept({ field, value }, { state: "refused", message })),
      ...[...this.conflicts.values()].map(({ mine }) => kept(mine, { state: "conflict" })),
    ];
  }

  /** Go on with what an earlier tab could not send; where the report says something else by now, ask. @param {outbox.Kept[]} entries */
  adopt(entries) {
    for (const { edit, base, state, message } of entries) {
      const { field, value } = edit;
      const now = this.report.values[field];
      const control = this.form.controls.get(field);
      this.#bases.set(field, base);
      if (state === "refused") {
        this.refused.set(field, { value, message: message ?? "" });
        control?.complain(message ?? "");
      } else if (equal(base, says(now))) {
        this.#add(edit, false);
      } else if (!equal(value, now?.value)) {
        this.conflicts.set(field, { mine: edit, text: String(value ?? ""), theirs: now });
      }
      if (value !== undefined) control?.put(value);
    }
    if (entries.length) this.#tell([], null);
  }

  /** Send nothing more; what is unsaved stays in the browser. */
  async stop() {
    await this.queue.stop();
    outbox.keep(this.report.id, this.#kept());
  }

  /** Something typed cannot reach the report just now: the server is away, or it takes a decision of the reader. */
  get isStuck() {
    return this.queue.state === "away" || this.#hasOpen;
  }

  /** Something typed has not reached the report. */
  get hasUnsaved() {
    return !this.isQuiet || this.#hasOpen;
  }

  /** Nothing typed waits to be sent, or is on its way. */
  get isQuiet() {
    return this.#timers.size === 0 && this.queue.unsaved.length === 0;
  }

  /** A text that is not in the report stands in a field that the form has now. */
  get #hasOpen() {
    return [...this.refused.keys(), ...this.conflicts.keys()].some((field) => this.form.controls.has(field));
  }

  /** Resolves when nothing typed waits to be sent, or is on its way. @returns {Promise<void>} */
  quiet() {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.isQuiet) return;
        this.removeEventListener("state", look);
        resolve();
      };
      this.addEventListener("state", look);
      look();
    });
  }

  /** A key was typed: send the field when the reader pauses. @param {import("./field.js").FieldControl} control */
  typing(control) {
    clearTimeout(this.#timers.get(control.key));
    this.#timers.set(control.key, setTimeout(() => this.commit(control), PAUSE));
    this.#rest(control.key);
    outbox.keep(this.report.id, this.#kept());
  }

  /** Send what the field holds, if it differs from what the report has. @param {import("./field.js").FieldControl} control */
  commit(control) {
    this.#stopTimer(control.key);
    this.#send(control);
    this.#moved();
  }

  #send(control) {
    const { key } = control;
    if (this.conflicts.has(key)) return;
    const held = control.read();
    const last = this.refused.get(key) ?? this.queue.unsaved.findLast((edit) => edit.field === key);
    if (last && equal(last.value, held)) return;
    if (control.isDirty || this.queue.has(key)) this.#add({ field: key, value: held });
    else if (last) this.#forgive(key);
    else if (!control.hasFocus) control.show(this.report.values[key]); // "1,8 m/s" becomes 180 when it is left
  }

  commitAll() {
    for (const key of [...this.#timers.keys()]) this.commit(this.form.controls.get(key));
  }

  /** @param {string} field @param {any} value @param {string} [unit] */
  put(field, value, unit) {
    this.#add({ field, value, ...(unit ? { unit } : {}) });
  }

  /** Take back what was typed into a field: the refused text first, else the value in the report. @param {string} field */
  takeBack(field) {
    this.#stopTimer(field);
    if (this.refused.has(field)) this.#forgive(field);
    else if (this.report.values[field]?.provenance === "typed" || this.queue.has(field)) this.#add({ field, revert: true });
    else this.form.controls.get(field)?.show(this.report.values[field]);
  }

  #stopTimer(field) {
    clearTimeout(this.#timers.get(field));
    this.#timers.delete(field);
  }

  #add(edit, noted = true) {
    const { field } = edit;
    this.#rest(field);
    const before = this.queue.unsaved.findLast((one) => one.field === field) ?? restoring(field, this.report.values[field]);
    if (noted) this.steps.note(before, edit);
    this.refused.delete(field);
    this.form.controls.get(field)?.complain(null);
    this.queue.add(edit);
  }

  /** Remember what the report says in a field, as long as something typed there is unsaved. */
  #rest(field) {
    if (!this.#bases.has(field)) this.#bases.set(field, says(this.report.values[field]));
  }

  /** Undo the last step, or do it again. @param {"undo"|"redo"} which @returns {string|null} the field that it was in */
  step(which) {
    const edit = this.steps[which]();
    if (!edit) return null;
    const again = { ...edit }; // another object: it may have been sent before
    this.#forced.add(again);
    this.#stopTimer(edit.field);
    this.#add(again, false);
    return edit.field;
  }

  #forgive(field) {
    this.refused.delete(field);
    this.form.controls.get(field)?.complain(null);
    this.form.controls.get(field)?.show(this.report.values[field]);
    this.#moved();
    this.#tell([field], field);
  }

  #saved({ edit, changes }) {
    const { version, changed, explanations, unmatched, ambiguous, ...whole } = changes;
    const values = merged(this.report.values, changed);
    this.report = {
      ...this.report, ...whole, version, values,
      explanations: merged(this.report.explanations, explanations),
      unmatched: unmatched ?? this.report.unmatched,
      ambiguous: ambiguous ?? this.report.ambiguous,
    };
    const fields = new Set([...Object.keys(changed), edit.field]);
    for (const field of fields) this.#write(field, edit);
    this.#hide();
    this.#tell([...fields], edit.field);
  }

  /** Another form is on its way where a part of it was replaced; what goes then would only flicker now. */
  #hide() {
    if (this.form.shape === this.report.shape) this.form.hide(this.report.irrelevant);
  }

  /** Bring a field up to date after an edit, unless the reader is at work in it. @param {string} field @param {any} edit */
  #write(field, edit) {
    const control = this.form.controls.get(field);
    if (!control) return;
    const forced = edit?.field === field && (edit.revert || this.#forced.has(edit));
    const isOwn = edit?.field === field && !forced;
    if (isOwn && control.hasFocus && !control.isChoice) control.shown = edit.value; // saved; put in form when it is left
    const isBusy = this.#timers.has(field) || this.queue.has(field) || this.refused.has(field) || this.conflicts.has(field);
    const stays = isBusy || (control.hasFocus && control.isDirty && !forced) || (isOwn && control.hasFocus);
    if (stays) control.markAs(this.report.values[field]);
    else control.show(this.report.values[field]);
    if (!stays && !isOwn) control.glow();
  }

  #refuse({ edit, error }) {
    const control = this.form.controls.get(edit.field);
    const message = error.about(edit.field, control?.label || edit.field);
    this.refused.set(edit.field, { value: edit.value, message });
    control?.complain(message);
    this.#moved();
    this.#tell([], edit.field);
  }

  /** Read the report again: somebody else changed it. Nothing that was typed here is overwritten. */
  async reload() {
    const before = this.report;
    const after = await api.report(before.id);
    const keys = new Set([...Object.keys(before.values), ...Object.keys(after.values)]);
    const different = [...keys].filter((key) => !equal(says(before.values[key]), says(after.values[key])));
    this.report = after;
    for (const field of different) this.#changedElsewhere(field, before.values[field], after.values[field]);
    for (const field of different) this.#write(field, null);
    this.#hide();
    this.#tell(different, null);
    if (!isOpen(after)) this.dispatchEvent(new Event("signed"));
  }

  #changedElsewhere(field, before, after) {
    const control = this.form.controls.get(field);
    const mine = this.queue.unsaved.find((edit) => edit.field === field);
    if (mine && !equal(mine.value, after?.value)) {
      this.queue.withdraw(field);
      this.conflicts.set(field, { mine, text: mine.revert ? valueText(before) : control?.text ?? String(mine.value), theirs: after });
    } else if (mine) {
      this.queue.withdraw(field); // both say the same
    } else if (after?.provenance !== "calculated") {
      this.notices.push({ field, before: valueText(before), after: valueText(after) });
    }
  }

  /** Decide between two values of a field. @param {string} field @param {boolean} keepMine */
  resolve(field, keepMine) {
    const { mine } = this.conflicts.get(field);
    this.conflicts.delete(field);
    if (keepMine) this.#add(mine);
    else this.form.controls.get(field)?.show(this.report.values[field]);
    this.#moved();
    this.#tell([field], field);
  }

  #tell(fields, by) {
    this.dispatchEvent(new CustomEvent("change", { detail: { fields, by } }));
  }
}

/** Whether a report can still be written in. @param {import("./api.js").ReportView} report */
export const isOpen = (report) => ["partial", "preliminary"].includes(report.status);

function merged(before, changed) {
  return Object.fromEntries(Object.entries({ ...before, ...changed }).filter(([, value]) => value !== null));
}
