// The hash chain of the audit log: what the last check found and how old it is, and a new check, which may take long.

import * as api from "./desk-api.js";
import { action, failureOf, section } from "./desk.js";
import { h } from "./dom.js";
import { moment } from "./format.js";
import { language, t } from "./strings.js";

const KIND = "verify-audit";
const PAGE = 500;
const AGAIN = 500; // ms between two looks at a check that runs
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

/** The state of the chain, as the last check found it. @param {any} session @param {AbortSignal} signal when the room is left */
export function chain(session, signal) {
  const state = h("div", { "aria-live": "polite" }, h("p", { class: "muted" }, t("loading")));
  const check = action(t("checkChain"), async () => watch(state, await api.send("POST", "jobs", { kind: KIND, parameters: {} }), signal));
  check.id = "check-chain";
  const begin = async () => {
    const last = session.permissions.includes("manage-jobs") ? await lastCheck() : null;
    if (last) return watch(state, last, signal);
    return state.replaceChildren(h("p", { class: "warning" }, t("chainNeverChecked")));
  };
  begin().catch((error) => state.replaceChildren(failureOf(error)));
  return section(t("chainTitle"), [check], h("p", { class: "muted" }, t("chainExplained")), state);
}

/** The last check that came to an end or still goes on, null where none did. */
async function lastCheck() {
  for (let next = ""; next !== null;) {
    const page = await api.get(`jobs?limit=${PAGE}${next && `&cursor=${encodeURIComponent(next)}`}`);
    const found = page.jobs.find((job) => job.kind === KIND && job.state !== "cancelled");
    if (found) return found;
    next = page.next;
  }
  return null;
}

/** Show how far a check is until it is over, and then what it found. @param {HTMLElement} state */
async function watch(state, job, signal) {
  while (["queued", "running"].includes(job.state)) {
    const bar = job.total ? h("progress", { max: job.total, value: job.done, "aria-label": t("checking") }) : "";
    state.replaceChildren(h("p", { class: "muted" }, t("checking"), " ", bar));
    await new Promise((later) => setTimeout(later, AGAIN));
    if (signal.aborted) return;
    job = await api.get(`jobs/${encodeURIComponent(job.id)}`);
  }
  const when = job.finished_at ?? job.created_at;
  const at = h("p", { class: "muted" }, t("checkedAt", { when: moment(when), age: age(when) }));
  if (job.state !== "succeeded") return state.replaceChildren(h("p", { class: "failure" }, t("checkFailed"), " ", h("span", { lang: "en" }, job.message)), at);
  const found = await api.get(`jobs/${encodeURIComponent(job.id)}/result`);
  state.replaceChildren(h("p", { class: found.intact ? "fine" : "failure" }, t(found.intact ? "chainIntact" : "chainBroken", { events: found.events, versions: found.versions, stored: found.stored, n: found.count })), at,
    h("p", { class: "muted" }, t("chainHead"), " ", h("code", {}, `${found.head.hash} ${found.head.event}`)),
    found.findings.length ? h("ul", { class: "findings", lang: "en" }, found.findings.map((one) => h("li", {}, one.message))) : "");
}

/** How long ago something was, in the largest unit of which it has one. @param {string} iso */
function age(iso) {
  const seconds = Math.max(0, (Date.now() - new Date(iso).valueOf()) / 1000);
  const [unit, size] = UNITS.find(([, one]) => seconds >= one) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(-Math.floor(seconds / size), unit);
}
