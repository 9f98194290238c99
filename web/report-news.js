// What others do to the report while it is open: shown at once where the reader is not at work, and late documents offered.

import * as api from "./api.js";
import { follow } from "./live.js";

const PAUSE = 700; // ms: several documents of a study come together

/** Follow what happens, beginning before the report is read; what is returned is called when it is shown. @param {any} view @param {AbortSignal} signal */
export function hear(view, signal) {
  let timer = 0, isMissed = false;
  const look = () => {
    clearTimeout(timer);
    timer = setTimeout(() => view.isConnected && view.acts.look(), PAUSE);
  };
  follow((event) => {
    isMissed ||= !view.draft; // it may have been read already
    if (!view.isConnected || !view.draft || view.acts.isBusy) return; // what the reader does with the report shows by itself
    if (!event || event.type === "document.received") look();
    if (!event || event.report === view.reportId) catchUp(view, event?.version).catch(() => {}); // the next event, or edit, tells
  }, signal);
  return () => isMissed && catchUp(view).catch(() => {});
}

/** @param {any} view @param {number} [version] the one that is there now */
async function catchUp(view, version = Infinity) {
  const { draft } = view;
  if (version <= draft.report.version) return;
  if (!view.isFixed) {
    await draft.catchUp(version);
    if (view.offers.firstChild) view.acts.look(); // somebody else may have taken what is offered
    return;
  }
  const after = await api.report(view.reportId);
  if (after.version > draft.report.version && view.draft === draft && view.isConnected) await view.open(after);
}
