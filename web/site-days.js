// Days by the clock that times are shown by: that of the site, or of the browser where the site has none.

import { shownZone } from "./format.js";

const HOURS_24 = 86_400_000; // ms

/** By how much clocks of the zone are ahead of UTC. @param {number} at ms @returns {number} ms */
function ahead(at) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: shownZone(), hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" }).formatToParts(at);
  const [year, month, date, hour, minute, second] = ["year", "month", "day", "hour", "minute", "second"].map((type) => Number(parts.find((one) => one.type === type)?.value));
  return Date.UTC(year, month - 1, date, hour, minute, second) - at;
}

/**
 * The moment at which a day begins. Where clocks show midnight twice it is the first one, and where they skip it the
 * moment of the change: the server has it so, too (reporting/site_days.py).
 * @param {string} iso "2026-01-31" @param {number} [later] days later
 */
export function begins(iso, later = 0) {
  const [year, month, date] = iso.split("-").map(Number);
  const midnight = Date.UTC(year, month - 1, date + later); // as if the clocks were those of UTC
  const [before, after] = [-HOURS_24, HOURS_24].map((way) => midnight - ahead(midnight + way));
  const shows = (at) => at + ahead(at) === midnight;
  return new Date(shows(after) && !shows(before) ? after : before);
}
