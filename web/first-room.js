// Where somebody begins: the worklist, or the first room that they may enter.

import { session } from "./api.js";

/**
 * The address of the first room, "" for the worklist; asks who it is where nobody knows.
 * @param {() => Promise<void>} signIn
 */
export async function firstRoom(signIn) {
  try {
    let who = await session();
    if (!who.name && who.methods.length) {
      await signIn();
      who = await session();
    }
    if (who.permissions.includes("read-reports")) return "";
    return who.permissions.includes("manage-templates") ? "#/templates" : "#/site";
  } catch {
    return ""; // the worklist says what is wrong
  }
}
