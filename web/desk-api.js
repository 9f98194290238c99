// The API as the desks use it: whatever is there, by its path.

import { json, read, sent } from "./api.js";

export { root, session } from "./api.js";

/** @param {string} path @returns {Promise<any>} */
export const get = (path) => json(path);
export const text = (path) => read("text", path);

/** @param {string} method @param {string} path @param {any} [body] @returns {Promise<any>} */
export async function send(method, path, body) {
  const said = await read("text", path, body === undefined ? { method } : sent(method, body));
  return said ? JSON.parse(said) : null;
}

/** @param {string} path @param {any} content @param {string} kind its media type @returns {Promise<any>} */
export const upload = (path, content, kind) => json(path, { method: "POST", headers: { "Content-Type": kind }, body: content });
/** Send a file and get another one. @param {string} path @param {any} content @param {string} kind @returns {Promise<Blob>} */
export const blob = (path, content, kind) => read("blob", path, { method: "POST", headers: { "Content-Type": kind }, body: content });
