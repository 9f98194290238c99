// Edits that a closed tab left behind go out without their report being opened; where somebody else was faster, they wait.

import * as api from "./api.js";
import { forget, orphans } from "./outbox.js";
import { equal, says } from "./report-state.js";

const FIRST_PAUSE = 1_000; // ms
const LONGEST_PAUSE = 30_000;

/** Send everything that no open tab is going to send. @param {() => void} told something has changed */
export async function flush(told) {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    let away = false;
    for (const box of await orphans()) {
      try {
        await send(box);
      } catch (error) {
        if (error.passing) away = true;
        else if (error.status === undefined) throw error;
      }
    }
    told();
    if (!away) return;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Send what can be sent of a box, in order; the rest stays in it for the reader. @param {import("./outbox.js").Box} box */
async function send(box) {
  for (const entry of [...box.entries]) {
    if (entry.state) continue;
    const { field } = entry.edit;
    const report = await api.report(box.report);
    if (equal(entry.base, says(report.values[field]))) Object.assign(report.values, (await api.edit(box.report, report.version, [entry.edit])).changed);
    else if (!await api.holds(report, entry.edit)) continue;
    for (const later of box.entries) if (later.edit.field === field) later.base = says(report.values[field]); // typed after it
    if (localStorage.getItem(box.key) === null) return; // its report was opened meanwhile, which goes on with it
    box.entries.splice(box.entries.indexOf(entry), 1);
    if (box.entries.length) localStorage.setItem(box.key, JSON.stringify({ owner: box.owner, at: box.at, entries: box.entries }));
    else forget([box]);
  }
}
