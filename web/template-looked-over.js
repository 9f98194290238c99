// One page that is looked over: its problems in its lines, the mended version beside it, and how it looks.

import { section } from "./desk.js";
import { h, hiddenText, icon } from "./dom.js";
import { emptyForm } from "./empty-form.js";
import "./texts-templates.js";
import { t } from "./strings.js";
import { problemsN, whole, wrong } from "./template-said.js";

const LINES = /\r\n|\n|\r/;

/**
 * @param {any} page as the API looked it over @param {Record<string, string>} texts what comes with it, by file
 * @param {any[]} found problems of all of it
 */
export function pageView(page, texts, found) {
  const files = Object.keys(texts).filter((name) => found.some((one) => isOf(one, name)));
  const known = new Set(page.problems.map(nameOf));
  const others = found.filter((one) => !known.has(nameOf(one)));
  const all = [...page.problems, ...others];
  const mended = page.mended === null ? null : source(t("mended"), page.mended, page.left, { fresh: changedLines(page.text, page.mended) });
  const original = source(t("original"), page.text, page.problems, { done: page.done });
  const sources = new Map(files.map((name) => [name, source(name, texts[name], others.filter((one) => isOf(one, name)))]));
  const sourceOf = (problem) => (known.has(nameOf(problem)) ? original : sources.get(files.find((name) => isOf(problem, name))));
  return [
    section(problemsN(all.length), [], problemList(all, sourceOf)),
    mended === null ? h("p", { class: "muted" }, t("nothingToMend"))
      : section(t("mendedN", { n: page.done.length, left: page.left.length }), [],
        h("ul", { class: "mends" }, page.done.map((one) => h("li", {}, h("code", {}, one.rule), ` ${one.line ? `${t("line", { n: one.line })}: ` : ""}`, wrong(one)))),
        h("h3", {}, t("leftN", { n: page.left.length })), problemList(page.left, () => mended)),
    h("div", { class: mended ? "side-by-side" : null }, original.element, mended?.element),
    ...[...sources.values()].map((one) => one.element),
    section(t("asReadersSee"), [], emptyForm(page.form, page.fields)),
  ];
}

const nameOf = (one) => [one.rule, one.line, one.column, one.message].join("\n");
const isOf = (problem, name) => Boolean(problem.file?.endsWith(name));

/** @param {any[]} found @param {(problem: any) => any} [sourceOf] the source that a problem can be seen in */
export function problemList(found, sourceOf = () => null) {
  if (!found.length) return h("p", { class: "muted" }, t("noProblems"));
  return h("ul", { class: "items" }, found.map((one) => {
    const there = one.line && sourceOf(one);
    const text = [icon(one.severity), h("span", {}, hiddenText(`${t(one.severity)}: `), one.line ? `${t("line", { n: one.line })}: ` : "", whole(one))];
    return h("li", { class: one.severity }, there ? h("button", { type: "button", class: "item", onclick: () => there.jump(one.line) }, text) : h("p", { class: "item" }, text));
  }));
}

/** The numbers of lines that a later text has, and an earlier one has not. @param {string} before @param {string} after */
function changedLines(before, after) {
  const left = new Map();
  for (const line of before.split(LINES)) left.set(line.trim(), (left.get(line.trim()) ?? 0) + 1);
  const fresh = new Set();
  after.split(LINES).forEach((line, n) => {
    const known = left.get(line.trim()) ?? 0;
    if (known) left.set(line.trim(), known - 1);
    else fresh.add(n + 1);
  });
  return fresh;
}

/**
 * The lines of a text; what is wrong with one, and what was mended, stands below it in words.
 * @param {string} title @param {string} text @param {any[]} found
 * @param {{done?: any[], fresh?: Set<number>}} more what was mended in these lines, and lines that are new
 */
function source(title, text, found, { done = [], fresh = new Set() } = {}) {
  const at = (all, n) => all.filter((one) => one.line === n);
  const lines = text.split(LINES).map((line, n) => {
    const [broken, mended, isNew] = [at(found, n + 1), at(done, n + 1), fresh.has(n + 1)];
    const said = [...broken.map((one) => ["said", one]), ...mended.map((one) => ["said fine", one])].map(([kind, one]) =>
      h("span", { class: kind }, hiddenText(` ${t(kind === "said" ? one.severity : "mended")}: `), wrong(one), " ", h("span", { class: "rule" }, one.rule)));
    const kinds = [(said.length || isNew) && "marked", broken[0]?.severity, isNew && "fresh"].filter(Boolean).join(" ");
    return h("li", { "data-line": n + 1, class: kinds || null, tabindex: said.length ? -1 : null }, isNew && hiddenText(`${t("changedLine")}: `), h("code", {}, line || " "), said);
  });
  const list = h("ol", { class: "source-lines", tabindex: "0", "aria-label": title }, lines);
  const jump = (n) => {
    const line = lines[n - 1] ?? lines[0];
    line.tabIndex = -1;
    line.scrollIntoView({ block: "center" });
    line.focus({ preventScroll: true });
  };
  return { element: h("section", {}, h("h3", {}, title), list), jump };
}
