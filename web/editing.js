// Between the form and the server: when an edit is sent, what its answer changes, and what to do when it fails.

import * as api from "./api.js";
import * as outbox from "./outbox.js";
import { valueText } from "./provenance.js";
import { EditQueue, until } from "./queue.js";
import { afterChanges, differing, equal, isOpen, says, tellsAll } from "./report-state.js";
import { t } from "./strings.js";
import { Steps, restoring } from "./undo.js";
import { Unsaved } from "./unsaved.js";

const PAUSE = 500; // ms after the last key

/**
 * The draft that is being edited. Events: "change" {fields, by, before} after every answer, "state" of the queue.
 * `notices` are things that happened elsewhere.
 */
export class Draft extends EventTarget {
  /** @type {{field: string, before: string, after: string}[]} */ notices = [];
  steps = new Steps();
  #forced = new WeakSet(); // edits that the reader did not type where they show

  /** @param {import("./types.js").ReportView} report @param {import("./form.js").Form} form */
  constructor(report, form) {
    super();
    this.report = report;
    this.form = form;
    this.queue = new EditQueue((edit) => this.#deliver(edit), () => this.reload());
    this.unsaved = new Unsaved(this.queue);
    this.queue.addEventListener("saved", (event) => this.#saved(/** @type {any} */ (event).detail));
    this.queue.addEventListener("refused", (event) => this.#refuse(/** @type {any} */ (event).detail));
    this.queue.addEventListener("state", () => this.#moved());
  }

  #moved() {
    this.unsaved.tidy();
    if (this.queue.state === "away") for (const { field } of this.queue.unsaved) this.#unmark(field);
    this.#keep();
    this.dispatchEvent(new Event("state"));
  }

  #keep() { outbox.keep(this.report.id, this.unsaved.entries(this.form.controls)); }

  #said(field) { return says(this.report.values[field]); }

  #show(field) { this.form.controls.get(field)?.show(this.report.values[field]); }

  /** Go on with what an earlier tab could not send; where the report says something else by now, ask. @param {outbox.Kept[]} entries */
  adopt(entries) {
    for (const { edit, base, state, message, doubted } of outbox.newest(entries)) {
      const { field, value } = edit;
      const control = this.form.controls.get(field);
      this.unsaved.restAnew(field, base);
      if (state === "refused") {
        this.unsaved.refused.set(field, { value, message: message ?? "" });
        control?.complain(message ?? "");
      } else if (equal(base, this.#said(field))) {
        this.#add(edit, false);
      } else {
        this.#claim(edit, doubted);
      }
      if (value !== undefined) control?.put(value);
    }
    this.#moved(); // kept by this tab, before the box of the earlier one goes
    if (entries.length) this.#tell([], null);
  }

  /** The report changed since an edit was made: perhaps by this very edit, whose answer was lost, or by one before it. */
  async #claim(edit, doubted) {
    const { field } = edit;
    this.unsaved.claims.set(field, edit);
    const isIn = (one) => api.holds(this.report, one).catch(() => false);
    const [isThere, isOurs] = [await isIn(edit), doubted && await isIn(doubted)];
    this.unsaved.claims.delete(field);
    const theirs = this.report.values[field];
    if (isThere) this.#show(field);
    else if (isOurs) this.#add(edit, false);
    else this.unsaved.conflicts.set(field, { mine: edit, text: String(edit.value ?? ""), theirs });
    this.#moved();
    this.#tell([field], null);
  }

  /** Send nothing more; what is unsaved stays in the browser. */
  stop() { return this.queue.stop().then(() => this.#keep()); }

  /** How far everything typed has come: the state of the queue, or "open" while a field holds what nothing sends on. */
  get state() {
    if (this.queue.state !== "saved") return this.queue.state;
    if (this.unsaved.timers.size) return "saving";
    return this.unsaved.isOpen(this.form.controls) ? "open" : "saved";
  }

  /** What did not reach the report came from no device: it does not bear the mark of the value that stands there. */
  #unmark(field) {
    const control = this.form.controls.get(field);
    if (control?.isDirty) control.markAs(undefined);
  }

  /** Something typed cannot reach the report just now: the server is away, or it takes a decision of the reader. */
  get isStuck() { return this.queue.state === "away" || this.unsaved.isOpen(this.form.controls); }

  /** Something typed has not reached the report. */
  get hasUnsaved() { return !this.unsaved.isQuiet || this.unsaved.isOpen(this.form.controls); }

  /** Resolves when nothing typed waits to be sent, or is on its way. @returns {Promise<void>} */
  quiet() { return until(this, () => this.unsaved.isQuiet); }

  /** A key was typed: send the field when the reader pauses. @param {import("./field.js").FieldControl} control */
  typing(control) {
    this.unsaved.stopTimer(control.key);
    this.unsaved.timers.set(control.key, setTimeout(() => this.commit(control), PAUSE));
    this.unsaved.rest(control.key, this.#said(control.key));
    this.#keep();
    this.dispatchEvent(new Event("state"));
  }

  /** Send what the field holds, if it differs from what the report has. @param {import("./field.js").FieldControl} control */
  commit(control) {
    this.unsaved.stopTimer(control.key);
    this.#send(control);
    this.#moved();
  }

  #send(control) {
    const { key } = control;
    const held = control.read();
    if (this.unsaved.conflicts.has(key)) return this.#dispute(control, held);
    const last = this.unsaved.refused.get(key) ?? this.unsaved.last(key);
    if (last && (equal(last.value, held) || (this.#forced.has(last) && !control.isDirty))) return;
    if (control.isDirty || this.queue.has(key)) this.#add(control.edit);
    else if (last) this.#forgive(key);
    else if (!control.hasFocus) control.show(this.report.values[key]); // "1,8 m/s" becomes 180 when it is left
  }

  /** What is typed on in a field that somebody else changed is the reader's side of it. */
  #dispute(control, held) {
    const dispute = this.unsaved.conflicts.get(control.key);
    if (!control.isDirty || equal(dispute.mine.value, held)) return;
    this.unsaved.conflicts.set(control.key, { ...dispute, mine: control.edit, text: control.text });
    this.#tell([], control.key);
  }

  commitAll() { for (const key of [...this.unsaved.timers.keys()]) this.commit(this.form.controls.get(key)); }

  /** Give a field a measurement that fits several fields or none. @param {string} field @param {{document: string|null, path: string}} measurement */
  choose(field, { document, path }) {
    this.unsaved.stopTimer(field);
    this.unsaved.conflicts.delete(field);
    this.#force({ field, document, path }, true);
  }

  /** Send an edit that the reader did not type where it shows: what the field holds gives way to its answer. */
  #force(edit, noted) {
    const control = this.form.controls.get(edit.field);
    if (control?.isDirty) control.show(this.report.values[edit.field]);
    this.#forced.add(edit);
    this.#add(edit, noted);
  }

  /** Take back what was typed into a field: a refused text, and the value in the report. @param {string} field */
  takeBack(field) {
    this.unsaved.stopTimer(field);
    if (this.unsaved.refused.has(field)) this.#forgive(field);
    if (this.report.values[field]?.provenance === "typed" || this.queue.has(field)) this.#add({ field, revert: true });
    else this.#show(field);
  }

  #add(edit, noted = true) {
    const { field } = edit;
    this.unsaved.rest(field, this.#said(field));
    if (noted) this.steps.note(this.unsaved.last(field) ?? restoring(field, this.report.values[field]), edit);
    this.unsaved.refused.delete(field);
    this.form.controls.get(field)?.complain(null);
    this.queue.add(edit);
  }

  /** Undo the last step, or do it again. @param {"undo"|"redo"} which @returns {string|null} the field that it was in */
  step(which) {
    const edit = this.steps[which]();
    if (!edit) return null;
    this.unsaved.stopTimer(edit.field);
    this.#force({ ...edit }, false); // another object: it may have been sent before
    return edit.field;
  }

  #forgive(field) {
    const control = this.form.controls.get(field);
    this.unsaved.refused.delete(field);
    control?.complain(null);
    this.#show(field);
    this.#moved();
    this.#tell([field], field);
  }

  /** Send an edit, which counts as unsaved until it is known what followed. @returns {Promise<any>} null where the report was read for that */
  async #deliver(edit) {
    const { report } = this;
    const changes = await api.edit(report.id, report.version, [edit]);
    if (tellsAll(changes, report, edit.field)) return changes;
    return this.reload([edit.field]).then(() => null);
  }

  #saved({ edit, changes }) {
    const before = this.report;
    if (changes) this.report = afterChanges(before, changes);
    if (this.unsaved.isComing(edit.field)) this.unsaved.restAnew(edit.field, this.#said(edit.field));
    const fields = new Set([...Object.keys(changes?.changed ?? {}), edit.field]);
    for (const field of fields) this.#write(field, edit);
    this.#hide();
    this.#tell([...fields], edit.field, before);
  }

  /** Another form is on its way where a part of it was replaced; what goes then would only flicker now. */
  #hide() { if (this.form.shape === this.report.shape) this.form.hide(this.report.irrelevant); }

  /** Bring a field up to date after an edit, unless the reader is at work in it. @param {string} field @param {any} edit */
  #write(field, edit) {
    const control = this.form.controls.get(field);
    if (!control) return;
    const forced = edit?.field === field && (edit.revert || this.#forced.has(edit));
    const isOwn = edit?.field === field && !forced;
    if (isOwn && control.hasFocus && !control.isChoice) control.shown = edit.value; // saved; put in form when it is left
    const stays = this.unsaved.has(field) || (control.hasFocus && control.isDirty && !forced) || (isOwn && control.hasFocus);
    if (stays) control.markAs(this.report.values[field]);
    else control.show(this.report.values[field]);
    if (!stays && !isOwn) control.glow();
  }

  #refuse({ edit, error }) {
    const control = this.form.controls.get(edit.field);
    const message = error.status === 409 ? t("signedElsewhere") : error.about(edit.field, control?.label || edit.field);
    this.unsaved.refused.set(edit.field, { value: edit.value, message });
    control?.complain(message);
    this.#unmark(edit.field);
    this.#moved();
    this.#tell([], edit.field);
  }

  /** Read the report again: somebody else changed it. Nothing that was typed here is overwritten. @param {string[]} own fields changed here */
  async reload(own = []) {
    const after = await api.report(this.report.id);
    if (after.version >= this.report.version) this.take(after, (field) => own.includes(field));
  }

  /** Bring in what somebody else did, as soon as nothing of the reader is on its way. @param {number} [version] the one that is there now */
  async catchUp(version = Infinity) {
    await this.quiet();
    if (version <= this.report.version) return;
    const after = await api.report(this.report.id);
    if (this.unsaved.isQuiet && after.version > this.report.version) this.take(after, () => false);
  }

  /** Go on with a later version. @param {import("./types.js").ReportView} after @param {(field: string) => boolean} isOwn tells what this page changed itself */
  take(after, isOwn = () => true) {
    const before = this.report;
    const different = differing(before.values, after.values);
    this.report = after;
    for (const field of different) if (!isOwn(field)) this.#changedElsewhere(field, before.values[field], after.values[field]);
    for (const field of different) this.#write(field, null);
    this.#hide();
    this.#tell(different, null, before);
    if (!isOpen(after)) this.dispatchEvent(new Event("signed"));
  }

  #changedElsewhere(field, before, after) {
    const mine = this.queue.unsaved.find((edit) => edit.field === field);
    if (mine) {
      const text = mine.revert ? valueText(before) : this.form.controls.get(field)?.text ?? String(mine.value);
      if (!equal(mine.value, after?.value)) this.unsaved.conflicts.set(field, { mine, text, theirs: after });
      this.queue.withdraw(field); // last: while something is open, what the field said before is remembered
    } else if ((after ?? before)?.provenance !== "calculated") {
      const seen = this.notices.find((one) => one.field === field); // what the reader knew, whatever it was in between
      const notice = { field, before: seen?.before ?? valueText(before), after: valueText(after) };
      this.notices = [...this.notices.filter((one) => one !== seen), ...(notice.before === notice.after ? [] : [notice])];
    }
  }

  /** Decide between two values of a field. @param {string} field @param {boolean} keepMine */
  resolve(field, keepMine) {
    const { mine } = this.unsaved.conflicts.get(field);
    this.unsaved.conflicts.delete(field);
    if (keepMine) this.#add(mine);
    else this.#show(field);
    this.#moved();
    this.#tell([field], field);
  }

  /** The reader has seen what somebody else did. @param {{field: string}} notice */
  note(notice) {
    this.notices.splice(this.notices.indexOf(notice), 1);
    this.#tell([], null);
  }

  #tell(fields, by, before = this.report) {
    this.dispatchEvent(new CustomEvent("change", { detail: { fields, by, before: before.values } }));
  }
}
