// Who is signed in, as the bar shows it, and where somebody goes on after the identity provider.

import * as api from "./api.js";
import { h } from "./dom.js";
import { boxes, setOwner } from "./outbox.js";
import { t } from "./strings.js";

const TRIES = 20; // tenths of a second for edits on their way before signing out
const PLACE = "mrrt.place"; // where to go on after the identity provider

/** Remember where somebody is before the identity provider. */
export function keepPlace() { sessionStorage.setItem(PLACE, location.hash.startsWith("#/sign-in") ? "#/" : location.hash); }

/** Go on where somebody was before the identity provider. */
export function goBack() {
  const place = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  if (place && !location.hash.startsWith("#/sign-in")) location.hash = place;
}

const ROOMS = [["site", ["manage-accounts", "manage-tokens", "read-audit", "manage-jobs", "read-unmapped", "read-trial"]], ["templates", ["manage-templates"]]];

/** The rooms that this person may enter besides the worklist, who it is, and the way out. */
export async function whoIsIt() {
  const session = await api.session().catch(() => null);
  if (!session) return [];
  const { name, display_name: shown, methods } = session;
  if (name || !methods.length) setOwner(methods.length ? name : ""); // who is not known yet may have edits waiting
  const open = ROOMS.filter(([, needed]) => needed.some((one) => session.permissions.includes(one)));
  const rooms = h("nav", { class: "rooms", "aria-label": t("rooms") }, open.map(([room]) => h("a", { href: `#/${room}` }, t(`room_${room}`))));
  if (!name || !methods.length) return [rooms];
  const leave = async () => {
    for (let n = 0; n < TRIES && boxes().length; n += 1) await new Promise((resume) => setTimeout(resume, 100)); // most of it is on its way
    if (boxes().length && !window.confirm(t("leaveKept", { name: shown }))) return;
    window.dispatchEvent(new Event("mrrt:leaving"));
    await api.leave().catch(() => null);
    history.replaceState(null, "", "#/"); // asks nothing and draws nothing, as a change of the place would
    location.reload();
  };
  return [rooms, h("span", { class: "muted" }, shown), h("button", { type: "button", class: "quiet", onclick: leave }, t("signOut"))];
}
