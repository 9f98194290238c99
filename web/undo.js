// What the reader did to a draft, step by step, so that it can be undone and done again.

/** @typedef {import("./types.js").Edit} Edit */

export class Steps {
  /** @type {{before: Edit, after: Edit}[]} */ #done = [];
  /** @type {{before: Edit, after: Edit}[]} */ #undone = [];
  #sealed = true;

  /** Note a step. As long as the reader stays in one field it is one step. @param {Edit} before @param {Edit} after */
  note(before, after) {
    const last = this.#done.at(-1);
    this.#undone = [];
    if (!this.#sealed && last?.after.field === after.field) last.after = after;
    else this.#done.push({ before, after });
    this.#sealed = false;
  }

  /** The reader leaves the field. */
  seal() { this.#sealed = true; }

  /** Take the last step back. @returns {Edit|null} what undoes it */
  undo() { return this.#move(this.#done, this.#undone)?.before ?? null; }

  /** @returns {Edit|null} what does again what was undone last */
  redo() { return this.#move(this.#undone, this.#done)?.after ?? null; }

  get canUndo() { return this.#done.length > 0; }

  get canRedo() { return this.#undone.length > 0; }

  #move(from, to) {
    const step = from.pop();
    if (step) to.push(step);
    this.#sealed = true;
    return step;
  }
}

/** The edit that brings back what a field says now. @param {string} field @param {import("./types.js").ValueView|undefined} view @returns {Edit} */
export function restoring(field, view) {
  if (view?.provenance !== "typed") return { field, revert: true };
  if (view.source?.path) return { field, document: view.source.document, path: view.source.path };
  return { field, value: view.value ?? "", ...(view.unit && view.value !== null ? { unit: view.unit } : {}) };
}
