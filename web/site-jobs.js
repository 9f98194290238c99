// Long work: what runs, what waits, what came of it.

import * as api from "./desk-api.js";
import { action, section, table } from "./desk.js";
import { h } from "./dom.js";
import { moment } from "./format.js";
import { follow } from "./live.js";
import { t } from "./strings.js";

const NEW = { "verify-audit": "read-audit", "export-values": "run-jobs", "rebuild-values": "manage-jobs" };
const OVER = ["succeeded", "failed", "cancelled"];

/** @param {HTMLElement} pane @param {string[]} _ @param {any} session */
export async function show(pane, _, session) {
  const kinds = Object.keys(NEW).filter((kind) => session.permissions.includes(NEW[kind]));
  const list = h("div");
  const draw = async () => {
    const { jobs } = await api.get("jobs?limit=50");
    list.replaceChildren(table(t("site_jobs"), ["kind", "state", "message", "changedAt", "actions"].map((key) => t(key)), jobs.map((job) => row(job, draw, session))));
    if (pane.isConnected && jobs.some((job) => !OVER.includes(job.state))) setTimeout(draw, 1000);
  };
  const begin = kinds.map((kind) => action(t(`job_${kind}`), async () => {
    await api.send("POST", "jobs", { kind, parameters: {} });
    await draw();
  }));
  pane.replaceChildren(section(t("site_jobs"), begin, list));
  const watching = new AbortController();
  follow((event) => (pane.isConnected ? event === null || event.type?.startsWith("job.") ? draw() : null : watching.abort()), watching.signal);
  await draw();
}

function row(job, draw, session) {
  const share = job.total ? Math.round((100 * job.done) / job.total) : null;
  const bar = job.state === "running" && share !== null ? h("progress", { max: 100, value: share, "aria-label": t(`job_${job.kind}`) }) : null;
  const mayRead = !NEW[job.kind] || session.permissions.includes(NEW[job.kind]);
  return h("tr", {}, h("th", { scope: "row" }, t(`job_${job.kind}`)), h("td", {}, t(`job_state_${job.state}`), bar), h("td", { lang: "en" }, job.message),
    h("td", {}, h("time", { datetime: job.finished_at ?? job.started_at ?? job.created_at }, moment(job.finished_at ?? job.started_at ?? job.created_at))),
    h("td", { class: "acts" },
      job.state === "succeeded" && mayRead && h("a", { href: `${api.root}/jobs/${encodeURIComponent(job.id)}/result`, download: "" }, t("download")),
      !OVER.includes(job.state) && action(t("cancel"), async () => {
        await api.send("DELETE", `jobs/${encodeURIComponent(job.id)}`);
        await draw();
      }, `${t("cancel")}: ${t(`job_${job.kind}`)}`)));
}
