// A page looked over before it is stored: its problems in its lines, the mended version beside it, and how it looks.

import * as api from "./desk-api.js";
import { action, failureOf, section } from "./desk.js";
import { h, icon } from "./dom.js";
import { emptyForm } from "./empty-form.js";
import { addressOf } from "./template-list.js";
import { t } from "./strings.js";

/** @param {HTMLElement} pane */
export function show(pane) {
  const result = h("div", { class: "looked-over", "aria-live": "polite" });
  const take = async ([file]) => {
    if (!file) return;
    result.replaceChildren(h("p", { class: "muted" }, t("checking")));
    try {
      if (/\.zip$/i.test(file.name)) return result.replaceChildren(...imported(await store(file, "application/zip")));
      draw(result, await api.look(file));
    } catch (error) {
      result.replaceChildren(failureOf(error));
    }
  };
  const over = (event, on) => {
    event.preventDefault();
    drop.toggleAttribute("data-over", on);
  };
  const drop = h("label", { class: "drop", ondragover: (event) => over(event, true), ondragleave: (event) => over(event, false), ondrop: (event) => (over(event, false), take(event.dataTransfer.files)) },
    icon("imported"), h("span", {}, t("dropTemplate")), h("input", { type: "file", id: "template-file", accept: ".html,.htm,.zip", class: "visually-hidden", onchange: (event) => take(event.target.files) }));
  pane.replaceChildren(section(t("templates_import"), [], drop), result);
}

const store = (content, kind, version = false) => api.upload(`templates${version ? "?new_version=true" : ""}`, content, kind);

function imported(results) {
  return results.map((one) => h("p", { class: ["created", "unchanged", "updated"].includes(one.outcome) ? "fine" : "failure", role: "status" }, `${one.file}: ${t(`outcome_${one.outcome}`)}${one.version ? ` (${t("versionOf", { n: one.version })})` : ""} ${one.detail}`,
    one.identifier && ["created", "unchanged", "updated"].includes(one.outcome) ? [" ", h("a", { href: addressOf(one.identifier) }, t("openIt"))] : ""));
}

function draw(place, page) {
  const said = h("div");
  const keep = (text, version) => async () => said.replaceChildren(...imported(await store(text, "text/html", version)));
  place.replaceChildren(
    section(page.title || t("noName"), [action(t("storeAsIs"), keep(page.text)), page.mended !== null && action(t("storeMended"), keep(page.mended)), action(t("storeNewVersion"), keep(page.mended ?? page.text, true))].filter(Boolean),
      h("p", { class: "muted" }, t("pageHolds", { id: page.identifier || "–", n: page.fields.length })), said),
    section(t("problemsN", { n: page.problems.length }), [], problems(page.problems)),
    page.mended === null ? h("p", { class: "muted" }, t("nothingToMend"))
      : section(t("mendedN", { n: page.done.length, left: page.left.length }), [], h("ul", { class: "mends" }, page.done.map((one) => h("li", {}, h("code", {}, one.rule), ` ${one.line ?? ""} ${one.message}`))),
        h("div", { class: "side-by-side" }, source(t("original"), page.text, page.problems), source(t("mended"), page.mended, page.left))),
    page.mended === null ? source(t("original"), page.text, page.problems) : "",
    section(t("asReadersSee"), [], emptyForm(page.form, page.fields)));
}

const problems = (found) => (found.length ? h("ul", { class: "items" }, found.map((one) => h("li", { class: one.severity },
  h("button", { type: "button", class: "item", onclick: () => jump(one.line) }, icon(one.severity), h("span", { lang: "en" }, `${one.line ? `${t("line", { n: one.line })}: ` : ""}${one.message} `, h("span", { class: "mend" }, one.mend ?? ""), " ", h("code", {}, one.rule))))))
  : h("p", { class: "muted" }, t("noProblems")));

function jump(line) {
  const row = document.querySelector(`.source-lines [data-line="${line}"]`);
  row?.scrollIntoView({ block: "center" });
  row?.closest(".source-lines").focus();
}

/** The lines of a page, those with problems marked. */
function source(title, text, found) {
  const marked = Map.groupBy ? Map.groupBy(found, (one) => one.line) : found.reduce((all, one) => all.set(one.line, [...(all.get(one.line) ?? []), one]), new Map());
  const rows = text.split(/\r\n|\n|\r/).map((line, n) => {
    const here = marked.get(n + 1);
    return h("li", { "data-line": n + 1, class: here ? `marked ${here[0].severity}` : null, title: here?.map((one) => one.message).join("\n") }, h("code", {}, line || " "));
  });
  return h("section", {}, h("h3", {}, title), h("ol", { class: "source-lines", tabindex: "0", "aria-label": title }, rows));
}
