// The trial mode: what reports cost, in the middle and one by one, to take away as a table.

import * as api from "./desk-api.js";
import { action, section, table } from "./desk.js";
import { h } from "./dom.js";
import { decimal } from "./format.js";
import { known, t } from "./strings.js";

const SHOWN = ["active_seconds", "seconds", "keystrokes", "clicks", "fields_imported", "fields_typed", "fields_corrected", "alerts_shown", "alerts_heeded", "alerts_acknowledged"];
const LATEST = 100;

/** @param {HTMLElement} pane @param {string[]} _ @param {any} session */
export async function show(pane, _, session) {
  const lines = await api.get("trial");
  const titles = new Map(lines.length && session.permissions.includes("read-templates") ? (await api.get("templates")).map((one) => [one.identifier, one.title]) : []);
  const titleOf = (identifier) => titles.get(identifier) ?? identifier; // who may not read templates sees the identifier
  const acts = lines.length ? ["csv", "json"].map((format) => h("a", { href: `${api.root}/trial?format=${format}`, download: `trial.${format}` }, `${t("download")} ${format.toUpperCase()}`)) : [];
  if (lines.length && session.permissions.includes("manage-trial")) {
    acts.push(action(t("forgetTrial"), async () => {
      if (!window.confirm(t("forgetTrialSure", { n: lines.length }))) return;
      await api.send("DELETE", "trial");
      await show(pane, _, session);
    }));
  }
  const signed = lines.filter(({ status }) => status !== "partial");
  pane.replaceChildren(section(t("site_trial"), acts, h("p", { class: "muted" }, t("trialWhat")), middle(signed, titleOf)), section(t("trialReports"), [], reports(lines, titleOf)));
}

const median = (numbers) => {
  const sorted = [...numbers].sort((one, other) => one - other);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

/** The middle of each figure for each template, of what was signed. */
function middle(lines, titleOf) {
  const templates = [...new Set(lines.map(({ template }) => template))].sort();
  const row = (name) => {
    const group = lines.filter(({ template }) => template === name);
    return h("tr", {}, h("th", { scope: "row" }, titleOf(name)), cell(group.length), SHOWN.map((key) => cell(median(group.map((line) => line[key])))));
  };
  return scrolling(t("trialMedians"), [t("template"), t("trial_reports"), ...SHOWN.map((key) => t(`trial_${key}`))], templates.map(row), t("trialNone"));
}

function reports(lines, titleOf) {
  const row = (line) => h("tr", {}, h("th", { scope: "row" }, String(line.number)), h("td", {}, titleOf(line.template)), h("td", {}, known(line.status) ? t(line.status) : line.status), SHOWN.map((key) => cell(line[key])));
  return scrolling(t("trialReports"), [t("trial_number"), t("template"), t("state"), ...SHOWN.map((key) => t(`trial_${key}`))], lines.slice(-LATEST).reverse().map(row));
}

/** A wide table. @param {string} name @param {...any} more */
const scrolling = (name, ...more) => h("div", { class: "scrolls", role: "region", tabindex: "0", "aria-label": name }, table(name, ...more));

const cell = (value) => h("td", { class: "number" }, decimal(String(value)));
