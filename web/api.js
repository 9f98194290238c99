// The API of the server, one function per request. Everything that can go wrong is an ApiError.

import { setZone } from "./format.js";

const ROOT = "api/v1";
const PATIENCE = 20_000; // ms until a server that does not answer counts as away

/** @import {Edit, FormView, InvalidInput, Problem, ReportView} from "./types.js" */

/** What went wrong: `status` 0 means that the server did not answer. */
export class ApiError extends Error {
  /** @param {number} status @param {string} detail @param {Problem[]} [problems] @param {InvalidInput[]} [errors] */
  constructor(status, detail, problems = [], errors = []) {
    super(detail);
    this.status = status;
    this.problems = problems;
    this.errors = errors;
  }

  /** What is wrong with a field, and how to mend it. @param {string} field @param {string} label what the page calls it */
  about(field, label) {
    const found = this.errors.find((one) => one.field === field);
    const text = found ? `${found.message.replace(/([^.!?])$/, "$1.")} ${found.mend ?? ""}`.trim() : this.message;
    return text.replaceAll(`"${field}"`, label);
  }

  /** The same request may succeed later: no answer, nobody signed in, or a server that is overloaded or starting. */
  get passing() { return this.mayHaveArrived || [401, 429].includes(this.status); }

  /** There was no answer of the server itself, or its database went away: what was asked for may have been done all the same. */
  get mayHaveArrived() { return [0, 408, 502, 503, 504].includes(this.status); }
}

let csrf = null; // what proves that a request comes from this page
const AT_REST = 60_000; // ms without a key or the mouse after which what the page asks for is no sign of a reader
let touched = Date.now();
for (const sign of ["pointerdown", "pointermove", "wheel", "keydown"]) addEventListener(sign, () => { touched = Date.now(); }, { capture: true, passive: true });
/** What a request says of who made it: nobody need be there for some, and the session must not last longer for those. */
const attendance = () => (Date.now() - touched > AT_REST ? { "X-Unattended": "1" } : {});
let asking = () => Promise.reject(new ApiError(401, ""));

/** Say how to find out who it is when the server does not know. @param {() => Promise<void>} ask */
export const onUnknown = (ask) => (asking = ask);

/** Send a request; raises ApiError. @param {string} path below the root @param {any} [options] */
export async function request(path, options = {}, retry = true) {
  if (hasEnded) return new Promise(() => {});
  if (options.method && csrf === null && path !== "session") await session();
  let response;
  try {
    const headers = { ...options.headers, ...attendance(), ...(options.method && { "X-CSRF-Token": csrf ?? "" }) };
    response = await fetch(`${ROOT}/${path}`, { ...options, headers, signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new ApiError(0, "");
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  if (retry && path !== "session" && (response.status === 401 || problem.type === "urn:mrrt:problem:wrong-token")) {
    if (response.status === 401) await asking();
    await session(); // somebody may have signed in anew in another tab
    return request(path, options, false);
  }
  throw new ApiError(response.status, problem.detail ?? response.statusText, problem.problems, problem.errors);
}

export const root = ROOT;
/** Send a request and read its answer; one that breaks off is none. @param {"json"|"text"|"blob"} as @param {string} path @param {any} [options] */
export const read = async (as, path, options) =>
  (await request(path, options))[as]().catch(() => Promise.reject(new ApiError(0, "")));
export const json = (path, options) => read("json", path, options);
export const sent = (method, body, headers = {}) => ({
  method,
  headers: { "Content-Type": "application/json", ...headers },
  body: JSON.stringify(body),
});
const of = (id) => `reports/${encodeURIComponent(id)}`;
const ifMatch = (version) => ({ "If-Match": `"${version}"` });

export const templates = () => json("templates");
/** @returns {Promise<ReportView>} */
export const report = (id) => json(of(id));
/** @returns {Promise<FormView>} */
export const form = (id) => json(`${of(id)}/form`, { headers: { Accept: "application/json" } });
export const explanation = (id, field) => json(`${of(id)}/explanations/${encodeURIComponent(field)}`);
const rendered = (id, format, version) => `${of(id)}/rendering?format=${format}${version ? `&version=${version}` : ""}`;
/** @param {number|null} [version] without it, the signed version that stands, else the draft */
export const rendering = (id, format, version) => read("text", rendered(id, format, version));
export const renderingFile = (id, format, version) => read("blob", rendered(id, format, version));
export const document = (uid, language = "en") => json(`documents/${encodeURIComponent(uid)}?language=${language}`);
export const documentsOf = (study) => json(`documents?study=${encodeURIComponent(study)}`);
export const formats = () => json("formats");
export const history = (id) => json(`${of(id)}/history`);
export const plotAddress = (id, field, version, theme) => `${ROOT}/${of(id)}/history/${encodeURIComponent(field)}?theme=${theme}&version=${version}`;
export const versions = (id) => json(`${of(id)}/versions?limit=200`);
export const difference = (id, version, from) => json(`${of(id)}/versions/${version}/difference?from=${from}`);
export const late = (id) => json(`${of(id)}/late`);
export const migration = (id) => json(`${of(id)}/migration`);
/** @param {Blob} file @param {string} language */
export const receive = (file, language) =>
  json(`documents?language=${language}`, { method: "POST", headers: { "Content-Type": "application/dicom" }, body: file });
export const create = (template, documents, language) =>
  json("reports", sent("POST", { template, documents, language }));
/** @param {string} id @param {number} version @param {Edit[]} edits */
export const edit = (id, version, edits) => json(of(id), sent("PATCH", { edits }, ifMatch(version)));
/**
 * Whether an edit is in the report already. It is sent as one of an earlier version, which the server takes if it
 * changes nothing (RFC 9110 section 13.1.1).
 * @param {ReportView} report @param {Edit} edit @returns {Promise<boolean>}
 */
export const holds = async ({ id, version }, one) =>
  version > 1 && edit(id, version - 1, [one]).then(() => true, (error) => (error.status === 412 ? false : Promise.reject(error)));
const step = (name, body) => (id, version, ...given) => json(`${of(id)}/${name}`, sent("POST", body(...given), ifMatch(version)));
export const revise = step("revision", (kind, reason) => ({ kind, reason }));
export const discard = (id, version) => json(`${of(id)}/revision`, { method: "DELETE", headers: ifMatch(version) });
export const append = step("addenda", (text, documents = []) => ({ text, documents }));
export const cancel = step("cancel", (reason) => ({ reason }));
export const withdraw = step("withdraw", (reason) => ({ reason }));
export const addDocuments = step("documents", (documents) => ({ documents }));
export const declineLate = step("late/decline", (documents) => ({ documents }));
export const migrate = step("migration", (target) => ({ target }));
/** @typedef {{rule: string, field?: string|null, reason?: string}} Acknowledging */
/** @param {Acknowledging[]} acknowledge @returns {Promise<any>} what changed, as after an edit */
export const acknowledge = (id, version, acknowledge) => json(`${of(id)}/acknowledgements`, sent("POST", { acknowledge }, ifMatch(version)));
/** @param {Acknowledging[]} acknowledge @param {boolean} preliminary @returns {Promise<ReportView>} */
export const sign = (id, version, acknowledge, preliminary) =>
  json(`${of(id)}/${preliminary ? "sign-preliminary" : "sign"}`, sent("POST", { acknowledge }, ifMatch(version)));

let me = null; // whose page this is
let hasEnded = false;
let permissions = [];

/** Keep who it is. Where it is somebody else than before, this page ends: what it holds is not theirs to send. */
function known(who) {
  setZone(who.time_zone);
  csrf = who.csrf_token ?? "";
  if (!who.name) return who;
  if (me !== null && me !== who.name) {
    hasEnded = true;
    window.dispatchEvent(new Event("mrrt:leaving"));
    location.reload();
    return new Promise(() => {});
  }
  me = who.name;
  permissions = who.permissions;
  return who;
}

/** Whether whoever is signed in may do something. @param {string} permission */
export const may = (permission) => permissions.includes(permission);
/** Who is signed in, and how one can. */
export const session = async () => known(await json("session"));
export const enter = async (name, password) => known(await json("session", sent("POST", { name, password })));
export const leave = () => request("session", { method: "DELETE" });
