// What changes on the server, as it changes; where the server has no stream of events, now and then.

import { root } from "./api.js";

const TYPES = [
  ..."created edited filled declined migrated acknowledged signed-preliminary signed revised revision-discarded appended cancelled withdrawn"
    .split(" ").map((name) => `report.${name}`),
  "document.received", "template.stored", "template.retired", "job.queued", "job.cancelled", "job.done", "job.failed",
];
const EVERY = 30_000; // ms, without a stream
const FIRST = 1000; // ms until a stream that was refused is asked for again; each time twice as long
const LONGEST = 60_000; // ms

/**
 * Call `heard` with every event, and with null when any may have been missed: from time to time without a stream, and
 * when there is one, for none tells what was before it. Ends when `signal` aborts.
 * @param {(event: any) => void} heard @param {AbortSignal} signal
 */
export function follow(heard, signal) {
  /** @type {EventSource|undefined} */ let stream;
  let pause = FIRST, again = 0, poll = 0;

  const open = () => {
    clearTimeout(again);
    stream?.close();
    const mine = new EventSource(`${root}/events`);
    for (const type of TYPES) mine.addEventListener(type, ({ data }) => heard(JSON.parse(data)));
    mine.addEventListener("open", () => {
      pause = FIRST;
      clearInterval(poll);
      poll = 0;
      heard(null);
    });
    mine.addEventListener("error", () => {
      if (mine !== stream || mine.readyState !== EventSource.CLOSED || signal.aborted) return; // else the browser tries again
      if (!poll) heard(null); // whoever came back to the page is asked at once who they are, if that is why
      poll ||= setInterval(() => heard(null), EVERY);
      again = setTimeout(open, pause);
      pause = Math.min(LONGEST, pause * 2);
    });
    stream = mine;
  };
  const anew = () => {
    pause = FIRST;
    open(); // it was refused to nobody, or is that of somebody else
  };

  const close = () => {
    stream?.close();
    stream = undefined;
    clearTimeout(again);
    clearInterval(poll);
    poll = 0;
  };

  document.addEventListener("mrrt:session", anew, { signal });
  // browsers open six connections to a server over HTTP/1.1: tabs that nobody sees must not hold them all
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : anew()), { signal });
  signal.addEventListener("abort", close);
  open();
}
