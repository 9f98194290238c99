// What others do to the report while it is open: shown at once where the reader is not at work, and late documents offered.

import * as api from "./api.js";
import { follow } from "./live.js";

const PAUSE = 700; // ms: several documents of a study come together

/**
 * Follow what happens until `signal` aborts. It begins before the report is read: what is looked at after that need not be
 * looked at again when the stream is there. Returns what is to be called when the report is shown.
 * @param {any} view the mrrt-report @param {AbortSignal} signal
 */
export function hear(view, signal) {
  let timer = 0, isMissed = false;
  const look = () => {
    clearTimeout(timer);
    timer = setTimeout(() => view.isConnected && view.acts.look(), PAUSE);
  };
  follow((event) => {
    isMissed ||= !view.draft; // the report may be read already, and not be here yet
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
  if (!view.isFixed) return void await draft.catchUp(version);
  const after = await api.report(view.reportId);
  if (after.version > draft.report.version && view.draft === draft && view.isConnected) await view.open(after);
}
