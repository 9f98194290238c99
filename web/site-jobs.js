// Long work: what runs, what waits, what came of it.

import * as api from "./desk-api.js";
import { action, section, table } from "./desk.js";
import { h } from "./dom.js";
import { moment } from "./format.js";
import { follow } from "./live.js";
import { language, t } from "./strings.js";

const NEW = { "verify-audit": "read-audit", "export-values": "run-jobs", "rebuild-values": "manage-jobs" };
const OVER = ["succeeded", "failed", "cancelled"];
const PAGE = 50;
const SOON = 1_000; // ms, while something runs
const LATER = 30_000;

/** @param {HTMLElement} pane @param {string[]} _ @param {any} session @param {AbortSignal} signal when the room is left */
export async function show(pane, _, session, signal) {
  const kinds = Object.keys(NEW).filter((kind) => session.permissions.includes(NEW[kind]));
  const list = h("div");
  let timer = 0;
  let pages = 1;
  let asked = 0, shown = 0;
  const found = async () => {
    const jobs = [];
    let next = "";
    for (let n = 0; n < pages && next !== null; n += 1) {
      const page = await api.get(`jobs?limit=${PAGE}&language=${language()}${next && `&cursor=${encodeURIComponent(next)}`}`);
      jobs.push(...page.jobs);
      next = page.next;
    }
    return { jobs, next };
  };
  const draw = async () => {
    clearTimeout(timer);
    const turn = (asked += 1);
    const { jobs, next } = await found();
    if (signal.aborted || turn < shown) return; // what was asked later is there already
    shown = turn;
    const more = next && action(t("more"), () => {
      pages += 1;
      return draw();
    });
    list.replaceChildren(table(t("site_jobs"), ["kind", "state", "message", "changedAt", "actions"].map((key) => t(key)), jobs.map((job) => row(job, draw, session))), more || "");
    clearTimeout(timer); // of a drawing that went on at the same time
    timer = setTimeout(again, jobs.some((job) => !OVER.includes(job.state)) ? SOON : LATER);
  };
  const again = () => draw().catch(() => {
    if (!signal.aborted) timer = setTimeout(again, LATER); // the server is away, and comes back
  });
  const begin = kinds.map((kind) => action(t(`job_${kind}`), async () => {
    await api.send("POST", "jobs", { kind, parameters: {} });
    await draw();
  }));
  pane.replaceChildren(section(t("site_jobs"), begin, list));
  signal.addEventListener("abort", () => clearTimeout(timer));
  if (session.permissions.includes("read-reports")) follow((event) => (event === null || event.type?.startsWith("job.")) && again(), signal); // events tell of reports, too
  await draw();
}

function row(job, draw, session) {
  const share = job.total ? Math.round((100 * job.done) / job.total) : null;
  const bar = job.state === "running" && share !== null ? h("progress", { max: 100, value: share, "aria-label": t(`job_${job.kind}`) }) : null;
  const mayRead = !NEW[job.kind] || session.permissions.includes(NEW[job.kind]);
  return h("tr", {}, h("th", { scope: "row" }, t(`job_${job.kind}`)), h("td", {}, t(`job_state_${job.state}`), bar), h("td", { lang: job.language }, job.message),
    h("td", {}, h("time", { datetime: job.finished_at ?? job.started_at ?? job.created_at }, moment(job.finished_at ?? job.started_at ?? job.created_at))),
    h("td", { class: "acts" },
      job.state === "succeeded" && mayRead && h("a", { href: `${api.root}/jobs/${encodeURIComponent(job.id)}/result`, download: "" }, t("download")),
      !OVER.includes(job.state) && action(t("cancel"), async () => {
        await api.send("DELETE", `jobs/${encodeURIComponent(job.id)}`);
        await draw();
      }, `${t("cancel")}: ${t(`job_${job.kind}`)}`)));
}
