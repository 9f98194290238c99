// What changes on the server, as it changes; where the server has no stream of events, now and then.

import { root } from "./api.js";

const TYPES = [
  ..."created edited filled declined migrated acknowledged signed-preliminary signed revised revision-discarded appended cancelled withdrawn"
    .split(" ").map((name) => `report.${name}`),
  "document.received", "template.stored", "template.retired", "job.queued", "job.cancelled", "job.done", "job.failed",
];
const EVERY = 30_000; // ms, without a stream

/**
 * Call `heard` with every event; without a stream with null from time to time. Ends when `signal` aborts.
 * @param {(event: any) => void} heard @param {AbortSignal} signal @param {string} [report] the only one that matters
 */
export function follow(heard, signal, report) {
  const stream = new EventSource(`${root}/events${report ? `?report=${encodeURIComponent(report)}` : ""}`);
  let timer = 0;
  for (const type of TYPES) stream.addEventListener(type, ({ data }) => heard(JSON.parse(data)));
  stream.addEventListener("error", () => {
    if (stream.readyState !== EventSource.CLOSED || timer || signal.aborted) return; // else the browser tries again
    timer = setInterval(() => heard(null), EVERY);
  });
  signal.addEventListener("abort", () => {
    stream.close();
    clearInterval(timer);
  });
}
