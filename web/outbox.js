// What was typed and the server has not confirmed, kept in the browser until it has: it outlives the tab, and waits for
// its author after signing out. Nothing else of a patient is kept here; it goes when it is sent or left behind.

const PREFIX = "mrrt.outbox.";
const CHANNEL = "mrrt.tabs";
const PATIENCE = 150; // ms for other tabs to say that they are there
const TAB = [...crypto.getRandomValues(new Uint32Array(2))].map((part) => part.toString(36)).join("");

/**
 * @typedef {{edit: import("./types.js").Edit, base: any, state?: "refused"|"conflict", message?: string}} Kept
 *   `base` is what the report said in the field when it was typed
 * @typedef {{key: string, report: string, tab: string, owner: string, at: number, entries: Kept[]}} Box
 */

let owner = "";
let tellOwner;
const ownerKnown = new Promise((resolve) => (tellOwner = resolve));

/** Say whose edits these are: nobody else's session sends them. @param {string|null|undefined} name */
export function setOwner(name) {
  owner = name ?? "";
  tellOwner();
}

const channel = new BroadcastChannel(CHANNEL);
channel.addEventListener("message", ({ data }) => data.ask && channel.postMessage({ here: TAB }));

/** The tabs that answer now. @returns {Promise<Set<string>>} */
async function living() {
  const found = new Set();
  const listen = ({ data }) => data.here && found.add(data.here);
  channel.addEventListener("message", listen);
  channel.postMessage({ ask: true });
  await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  channel.removeEventListener("message", listen);
  return found;
}

/**
 * The last of each field, with the one before it that may have arrived: its answer was lost, and more was typed.
 * @param {Kept[]} entries @returns {(Kept & {doubted?: import("./types.js").Edit})[]}
 */
export function newest(entries) {
  const found = new Map();
  for (const one of entries) found.set(one.edit.field, { ...one, doubted: found.get(one.edit.field)?.edit });
  return [...found.values()];
}

/** Keep what this tab has not sent of a report; nothing takes it away. @param {string} report @param {Kept[]} entries */
export function keep(report, entries) {
  const key = `${PREFIX}${report}|${TAB}`;
  try {
    if (entries.length) localStorage.setItem(key, JSON.stringify({ owner, at: Date.now(), entries }));
    else localStorage.removeItem(key);
  } catch { /* no room, or not allowed: the tab itself still holds it, and objects to being closed */ }
}

/** Everything of this person that is kept, the oldest first. @returns {Box[]} */
export function boxes() {
  const found = [];
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
    const [report, tab] = key.slice(PREFIX.length).split("|");
    try {
      const box = { key, report, tab, ...JSON.parse(localStorage.getItem(key) ?? "") };
      if (box.owner === owner) found.push(box);
    } catch {
      localStorage.removeItem(key);
    }
  }
  return found.sort((one, other) => one.at - other.at);
}

/** What no open tab is going to send: of a report, or of all. @param {string} [report] @returns {Promise<Box[]>} */
export async function orphans(report) {
  await ownerKnown;
  const found = boxes().filter((box) => report === undefined || box.report === report);
  const elsewhere = found.some((box) => box.tab !== TAB);
  const alive = elsewhere ? await living() : new Set();
  return found.filter((box) => !alive.has(box.tab) && (box.tab !== TAB || report !== undefined));
}

/** Forget boxes whose edits have been taken over, or left behind; that of this tab is written anew anyway. @param {Box[]} found */
export function forget(found) {
  for (const { key, tab } of found) if (tab !== TAB) localStorage.removeItem(key);
}
