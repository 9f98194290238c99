// One template: how readers see it, its logic, its cases, a bench, its problems, and its versions.

import * as api from "./desk-api.js";
import { action, section, table } from "./desk.js";
import { h } from "./dom.js";
import { emptyForm } from "./empty-form.js";
import "./texts-templates.js";
import { language, t } from "./strings.js";
import { addressOf, isRetired, statusOf } from "./template-list.js";
import { remedy, wrong } from "./template-said.js";

const PARTS = ["preview", "logic", "cases", "bench", "problems", "versions"];

/** @param {HTMLElement} pane @param {string[]} rest @param {any} session */
export async function show(pane, [coded = "", part = "preview"], session) {
  const name = decodeURIComponent(coded);
  const id = encodeURIComponent(name);
  const template = await api.get(`templates/${id}`);
  const [line] = template.identifier ? await api.get(`templates?identifier=${encodeURIComponent(template.identifier)}`) : [];
  const status = line?.status || template.status;
  const open = PARTS.includes(part) ? part : "preview";
  const links = PARTS.map((one) => h("a", { href: addressOf(name, one), "aria-current": one === open ? "page" : null }, t(`part_${one}`)));
  const place = h("div", { class: "part" }, h("p", { class: "muted" }, t("loading")));
  const acts = [h("a", { href: `${api.root}/templates/${id}/package`, download: "" }, t("download"))];
  if (session.permissions.includes("manage-templates") && line?.origin === "stored" && !isRetired(status)) {
    acts.push(action(t("retire"), async () => {
      if (!window.confirm(t("retireSure", { name: template.title }))) return;
      await api.send("DELETE", `templates/${id}`);
      await show(pane, [coded, part], session);
    }));
  }
  pane.replaceChildren(section(template.translations?.[language()] || template.title || name, acts, h("p", { class: "muted" }, [template.identifier, statusOf(status), template.publisher].filter(Boolean).join(" · ")),
    h("nav", { class: "parts", "aria-label": t("parts") }, links), place));
  await { preview, logic, cases, bench, problems, versions }[open](place, id, template);
}

async function preview(place, id, template) {
  place.replaceChildren(emptyForm(await api.text(`templates/${id}/form`), template.fields));
}

async function problems(place, id) {
  const found = await api.get(`templates/${id}/problems`);
  place.replaceChildren(table(t("problems"), ["line", "rule", "problem", "remedy"].map((key) => t(`col_${key}`)), found.map((one) =>
    h("tr", {}, h("td", { class: "number" }, String(one.line ?? "")), h("td", {}, h("code", {}, one.rule)), h("th", { scope: "row" }, wrong(one)), h("td", { class: "muted" }, remedy(one)))), t("noProblems")));
}

const logic = async (...given) => (await import("./template-logic.js")).logic(...given);
const cases = async (...given) => (await import("./template-logic.js")).cases(...given);
const bench = async (...given) => (await import("./template-bench.js")).bench(...given);

async function versions(place, id) {
  (await import("./template-versions.js")).show(place, id, await api.get(`templates/${id}/versions`));
}
