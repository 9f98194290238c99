// Edits on their way to the server: one at a time, in order, none lost. It knows nothing of the page.

/** @typedef {import("./types.js").Edit} Edit */

const FIRST_PAUSE = 500; // ms
const LONGEST_PAUSE = 8_000;

/** Resolves when something holds of what tells its "state". @param {EventTarget} one @param {() => boolean} holds @returns {Promise<void>} */
export const until = (one, holds) => new Promise((resolve) => {
  const look = () => {
    if (!holds()) return;
    one.removeEventListener("state", look);
    resolve();
  };
  one.addEventListener("state", look);
  look();
});

/**
 * Events: "state"; "saved" {edit, changes}; "refused" {edit, error}.
 * `send` carries one edit to the server and rejects with an ApiError; `moved` is called when the report has changed
 * there, and brings its own picture up to date before the edit is tried again (or is withdrawn).
 */
export class EditQueue extends EventTarget {
  /** @type {Edit[]} */ #waiting = [];
  /** @type {Edit|null} */ #flying = null;
  /** One whose answer was lost: it is sent again before anything else, so that it is known what the report says. @type {Edit|null} */ #doubtful = null;
  #running = false;
  #away = false;
  #stopped = false;
  #pause = FIRST_PAUSE;
  #timer = 0;

  /** @param {(edit: Edit) => Promise<any>} send @param {() => Promise<void>} moved */
  constructor(send, moved) {
    super();
    this.send = send;
    this.moved = moved;
    this.retry = () => this.#again();
  }

  /** "saved" when nothing is left to do, "saving", or "away" while the server does not answer. */
  get state() {
    if (this.#away) return "away";
    return this.unsaved.length ? "saving" : "saved";
  }

  /** Everything that the server has not confirmed. */
  get unsaved() {
    const left = this.#flying ?? this.#doubtful;
    return left ? [left, ...this.#waiting] : [...this.#waiting];
  }

  /** @param {string} field */
  has(field) { return this.unsaved.some((edit) => edit.field === field); }

  /** Send an edit when its turn comes; it takes the place of one for the same field that has not left yet. @param {Edit} edit */
  add(edit) {
    const place = this.#waiting.findIndex((other) => other.field === edit.field);
    if (place < 0) this.#waiting.push(edit);
    else this.#waiting[place] = edit;
    this.#run();
  }

  /** Take back edits of a field that have not left yet. @param {string} field */
  withdraw(field) {
    this.#waiting = this.#waiting.filter((edit) => edit.field !== field);
    this.#changed();
  }

  /** Resolves when nothing is on its way: with true if all is saved, with false if the server is away. */
  async settled() {
    await until(this, () => this.state !== "saving");
    return this.state === "saved";
  }

  /** Send nothing more; resolves when nothing is on its way. @returns {Promise<void>} */
  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    return until(this, () => !this.#flying);
  }

  async #run() {
    this.#changed();
    if (this.#running || this.#away || this.#stopped) return;
    this.#running = true;
    while (this.unsaved.length && !this.#away && !this.#stopped) await this.#sendNext();
    this.#running = false;
    this.#changed();
  }

  async #sendNext() {
    const edit = (this.#flying = this.#doubtful ?? this.#waiting.shift());
    this.#doubtful = null;
    try {
      const changes = await this.send(edit);
      this.#flying = null;
      this.#pause = FIRST_PAUSE;
      this.#tell("saved", { edit, changes });
    } catch (error) {
      await this.#failed(edit, error);
    }
  }

  /** @param {Edit} edit @param {any} error */
  async #failed(edit, error) {
    this.#flying = null;
    if (error.mayHaveArrived ?? true) { // what is no answer of the server is no refusal
      this.#doubtful = edit;
      return this.#wait();
    }
    const again = error.status === 412 || error.passing;
    // what was typed meanwhile into the same field replaces the edit that failed
    if (again && !this.has(edit.field)) this.#waiting.unshift(edit);
    if (error.passing) return this.#wait();
    if (!again) return this.#tell("refused", { edit, error });
    try {
      await this.moved();
    } catch {
      this.#wait();
    }
  }

  #wait() {
    this.#away = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.retry, this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    this.#changed();
  }

  #again() {
    if (!this.#away || this.#stopped) return;
    clearTimeout(this.#timer);
    this.#away = false;
    this.#run();
  }

  #changed() { this.dispatchEvent(new Event("state")); }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
