// A page or a package looked over before it is stored: what would become of it, what is wrong in which line, how it looks.

import * as api from "./desk-api.js";
import { action, failureOf, section, table } from "./desk.js";
import { h, icon } from "./dom.js";
import { addressOf } from "./template-list.js";
import { pageView, problemList } from "./template-looked-over.js";
import { problemsN } from "./template-said.js";
import "./texts-templates.js";
import { t } from "./strings.js";

const HTML = "text/html";
const ZIP = "application/zip";
const STORED = ["created", "unchanged", "updated"];
const kindOf = (file) => (/\.zip$/i.test(file.name ?? "") ? ZIP : HTML);

/** @param {HTMLElement} pane */
export function show(pane) {
  const said = h("p", { class: "muted", role: "status" });
  const result = h("div", { class: "looked-over" });
  const look = async (content, kind, name) => {
    said.textContent = t("checking");
    try {
      const found = await api.upload("template-desk/packages", content, kind);
      const opened = kind === HTML ? await open(content, kind, found[0].file) : null;
      result.replaceChildren(...(opened ? alone(content, found[0], opened) : together(content, found, name, look)));
      said.textContent = t("lookedOver", { name });
    } catch (error) {
      said.textContent = "";
      result.replaceChildren(failureOf(error), problemList(error.problems ?? []));
    }
  };
  const take = ([file]) => file && look(file, kindOf(file), file.name);
  const over = (event, on) => {
    event.preventDefault();
    drop.toggleAttribute("data-over", on);
  };
  const drop = h("label", { class: "drop", ondragover: (event) => over(event, true), ondragleave: (event) => over(event, false), ondrop: (event) => (over(event, false), take(event.dataTransfer.files)) },
    icon("imported"), h("span", {}, t("dropTemplate")), h("input", { type: "file", id: "template-file", accept: ".html,.htm,.zip", class: "visually-hidden", onchange: (event) => take(event.target.files) }));
  pane.replaceChildren(section(t("templates_import"), [], drop, said), result);
}

const open = (content, kind, file) => api.upload(`template-desk/packages/texts?file=${encodeURIComponent(file)}`, content, kind);

/** A button that stores, and says below what became of it. @param {HTMLElement} place */
const storing = (place, text, content, kind, version) => action(t(text), async () => {
  const results = await api.upload(`templates${version ? "?new_version=true" : ""}`, content, kind);
  place.replaceChildren(...results.map(became));
});

function became(one) {
  const isStored = STORED.includes(one.outcome);
  const version = one.version ? ` (${t("versionOf", { n: one.version })})` : "";
  return h("div", {}, h("p", { class: isStored ? "fine" : one.outcome === "ignored" ? "muted" : "failure", role: "status" }, `${one.file}: ${t(`outcome_${one.outcome}`)}${version} `, detailOf(one),
    isStored && one.identifier ? [" ", h("a", { href: addressOf(one.identifier) }, t("openIt"))] : ""), isStored ? "" : problemList(one.problems));
}

/** A page by itself. @param {any} entry @param {any} opened */
function alone(content, entry, { page, texts }) {
  const said = h("div", { class: "became" });
  const best = page.mended ?? page.text;
  const acts = [
    STORED.includes(entry.outcome) && !entry.needs_new_version && storing(said, "storeAsIs", page.text, HTML, false),
    page.mended !== null && !entry.needs_new_version && storing(said, "storeMended", page.mended, HTML, false),
    entry.outcome !== "created" && storing(said, "storeNewVersion", best, HTML, true),
  ].filter(Boolean);
  return [section(page.title || t("noName"), acts, h("p", { class: "muted" }, t("pageHolds", { id: page.identifier || "–", n: page.fields.length })), would(entry), said),
    ...pageView(page, texts, entry.problems)];
}

/** Why something was not stored: phrases that are known in the language of the page, and others as the program says them. */
function detailOf({ outcome, problems, detail }) {
  if (outcome === "ignored") return t("noTemplate");
  return problems.length && !STORED.includes(outcome) ? problemsN(problems.length) : h("span", { lang: "en" }, detail);
}

/** What storing would lead to, in words. */
function would(entry) {
  const kind = STORED.includes(entry.outcome) ? (entry.needs_new_version ? "warning" : "fine") : entry.outcome === "ignored" ? "muted" : "failure";
  const text = entry.needs_new_version ? "wouldNeedVersion" : `would_${entry.outcome}`;
  return h("p", { class: kind }, t(text, { n: entry.version ?? "" }), " ", entry.outcome !== "ignored" && detailOf(entry));
}

/** A package: a line for each template of it, which opens in full. */
function together(content, found, name, look) {
  const said = h("div", { class: "became" });
  const taken = found.filter((one) => STORED.includes(one.outcome));
  const acts = [
    taken.some((one) => !one.needs_new_version) && storing(said, "storePackage", content, ZIP, false),
    taken.some((one) => one.needs_new_version) && storing(said, "storePackageNew", content, ZIP, true),
    action(t("mendPackage"), async () => look(await api.blob("template-desk/packages/mended", content, ZIP), ZIP, t("mendedName", { name }))),
  ].filter(Boolean);
  const rows = found.map((one) => h("tr", {}, h("th", { scope: "row" }, one.title || one.file, one.title && h("span", { class: "muted" }, ` ${one.file}`)), h("td", {}, would(one)),
    h("td", { class: "number" }, one.outcome === "ignored" ? "" : String(one.problems.length)), h("td", {}, one.files.join(", "))));
  const full = found.filter((one) => !["ignored", "unreadable"].includes(one.outcome)).map((one) => whole(content, one));
  return [section(name, acts, h("p", { class: "muted" }, t("packageHolds", { n: taken.length, all: found.length })), said,
    table(name, ["template", "wouldBecome", "problems", "comesWith"].map((key) => t(key)), rows)), ...full];
}

function whole(content, entry) {
  const body = h("div", { class: "looked-over" });
  const opened = async (event) => {
    if (!event.target.open || body.childElementCount) return;
    body.replaceChildren(h("p", { class: "muted" }, t("checking")));
    try {
      const { page, texts } = await open(content, ZIP, entry.file);
      body.replaceChildren(...pageView(page, texts, entry.problems));
    } catch (error) {
      body.replaceChildren(failureOf(error), problemList(error.problems ?? []));
    }
  };
  return h("details", { class: "whole", ontoggle: opened }, h("summary", {}, h("h2", {}, entry.title || entry.file)), body);
}
