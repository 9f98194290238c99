// What stands in the fields of a draft and is not in the report, and what the report said there before.

/**
 * @typedef {{value: any, message: string}} Refused what a field cannot hold, and why
 * @typedef {{mine: import("./types.js").Edit, text: string, theirs: any}} Conflict
 */

/** A field is unsaved while it is typed in, on its way, refused, changed by two, or asked about. */
export class Unsaved {
  /** @type {Map<string, Refused>} */ refused = new Map();
  /** @type {Map<string, Conflict>} */ conflicts = new Map();
  /** What is typed in now, each with the timer that sends it. @type {Map<string, number>} */ timers = new Map();
  /** Edits of an earlier tab of which it is being asked whether they have arrived. @type {Map<string, import("./types.js").Edit>} */ claims = new Map();
  #bases = new Map();

  /** @param {import("./queue.js").EditQueue} queue */
  constructor(queue) { this.queue = queue; }

  /** @param {string} field */
  has(field) { return [this.queue, this.timers, this.refused, this.conflicts, this.claims].some((one) => one.has(field)); }

  /** The last edit of a field that waits or is on its way. @param {string} field */
  last(field) { return this.queue.unsaved.findLast((edit) => edit.field === field); }

  /** More of a field is going to be sent. @param {string} field */
  isComing(field) { return this.queue.has(field) || this.timers.has(field); }

  /** Nothing typed waits to be sent, or is on its way. */
  get isQuiet() { return this.timers.size === 0 && this.queue.unsaved.length === 0; }

  /** A text that only a decision of the reader brings into the report stands in one of these fields. @param {Map<string, any>} controls */
  isOpen(controls) { return [...this.refused.keys(), ...this.conflicts.keys()].some((field) => controls.has(field)); }

  /** Send nothing of a field by itself any more. @param {string} field */
  stopTimer(field) { clearTimeout(this.timers.get(field)); this.timers.delete(field); }

  /** Remember what the report says in a field, as long as something there is unsaved. @param {string} field @param {any} said */
  rest(field, said) { if (!this.#bases.has(field)) this.#bases.set(field, said); }

  /** What is unsaved in a field goes on from something else. @param {string} field @param {any} said */
  restAnew(field, said) { this.#bases.set(field, said); }

  /** Forget what the report said in fields that are saved. */
  tidy() { for (const field of this.#bases.keys()) if (!this.has(field)) this.#bases.delete(field); }

  /** Everything, as it is kept in the browser. @param {Map<string, import("./field.js").FieldControl>} controls @returns {import("./outbox.js").Kept[]} */
  entries(controls) {
    const kept = (edit, more) => ({ edit, base: this.#bases.get(edit.field) ?? null, ...more });
    const typed = [...this.timers.keys()].flatMap((field) => controls.get(field) ?? []).filter((one) => one.isDirty);
    return [
      ...[...this.queue.unsaved, ...this.claims.values()].map((edit) => kept(edit)),
      ...typed.map((control) => kept({ field: control.key, value: control.read() })),
      ...[...this.refused].map(([field, { value, message }]) => kept({ field, value }, { state: "refused", message })),
      ...[...this.conflicts.values()].map(({ mine }) => kept(mine, { state: "conflict" })),
    ];
  }
}
