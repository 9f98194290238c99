// Where one value comes from, in full: the item in its SR document with those that were not chosen, or the rule that decided.

import * as api from "./api.js";
import { h, icon } from "./dom.js";
import { moment, quantity, unitText } from "./format.js";
import { mark, provenanceOf, valueText } from "./provenance.js";
import { linesOf, named, reasonsOf } from "./reasons.js";
import { flagText, sideText } from "./source-words.js";
import "./texts-report.js";
import { known, language, t } from "./strings.js";

/** Documents that were looked at, by language and UID; a document never changes. @type {Map<string, Promise<any>>} */
const documents = new Map();

function documentOf(uid) {
  const key = `${language()} ${uid}`;
  if (!documents.has(key)) documents.set(key, api.document(uid, language()).catch(() => (documents.delete(key), null)));
  return documents.get(key);
}

/** @param {any} view the mrrt-report @param {HTMLElement} place */
export async function show(view, place) {
  const control = view.focused;
  if (!control) return place.replaceChildren(h("p", { class: "muted" }, t("sourceNone")));
  const { report } = view.draft;
  const value = report.values[control.key];
  const asked = (place.dataset.asked = `${report.version} ${control.key} ${document.documentElement.lang}`);
  const head = h("h2", {}, control.label);
  if (!place.hasChildNodes()) place.replaceChildren(h("p", { class: "muted" }, t("loading")));
  const parts = value ? await Promise.all(layersOf(value).map((one, n) => layer(view, control, one, n > 0))) : [h("p", { class: "muted" }, t("nothingYet"))];
  if (place.dataset.asked !== asked) return undefined; // the reader is elsewhere by now
  place.replaceChildren(h("div", { class: "sources" }, head, parts));
  return undefined;
}

/** What stands, and what lies beneath it. */
const layersOf = (value) => (value.covered ? [value, value.covered] : [value]);

async function layer(view, control, value, isBeneath) {
  const { report } = view.draft;
  const provenance = isBeneath ? value.provenance : provenanceOf(value);
  const detail = value.provenance === "calculated" ? await calculated(view, control, report)
    : value.source?.document ? await imported(report, value.source) : [];
  return h("section", { class: "layer" },
    h("p", { class: "layer-head" }, h("span", { class: "value" }, valueText(value)),
      provenance && h("span", { class: "key", "data-provenance": provenance }, ...mark(value).slice(0, 1), known(provenance) ? t(provenance) : provenance),
      isBeneath && h("span", { class: "muted" }, t("liesBeneath"))),
    detail);
}

const row = (name, value) => (value ? [h("dt", {}, name), h("dd", {}, value)] : []);
const meaning = (code) => code?.meaning ?? "";

async function imported(report, source) {
  const found = await documentOf(source.document);
  const item = found?.measurements.find((one) => one.path === source.path) ?? found?.text_measurements?.find((one) => one.path === source.path);
  const equipment = found && [found.equipment.manufacturer, found.equipment.model, found.equipment.software_versions].filter(Boolean).join(" ");
  return [
    h("dl", { class: "facts" },
      row(t("device"), equipment || source.device),
      row(t("measuredAt"), item?.observed || found?.content_date_time ? moment(item?.observed ?? found.content_date_time) : ""),
      row(t("receivedAs"), source.received && quantity(source.received, source.received_unit)),
      row(t("choiceRule"), source.rule),
      row(t("derivation"), item && [meaning(item.derivation), meaning(item.selection), meaning(item.method)].filter(Boolean).join(", ")),
      row(t("profileNotes"), item?.applied?.map((note) => note.rule).join("; ")),
      row(t("flags"), (source.flags ?? []).map(flagText).join(", ")),
      row(t("madeOn"), item?.sources.length ? item.sources.map((one) => image(report, one)) : ""),
      row(t("document_uid"), h("code", {}, source.document))),
    item && tree(found, item),
  ];
}

/** The image that was measured on; a link where the site has a viewer that shows one image. */
function image(report, one) {
  const frame = one.frames?.length ? ` (${t("frame", { n: one.frames.join(", ") })})` : "";
  const text = `${one.sop_instance_uid ?? ""}${frame}`;
  const address = report.viewer_image?.replace("{sop_instance_uid}", encodeURIComponent(one.sop_instance_uid ?? ""));
  return h("span", { class: "image" }, address ? h("a", { href: address, target: "_blank", rel: "noopener" }, text) : h("code", {}, text));
}

/** The way to the item through its document, and at its end every item that measures the same. */
function tree(found, item) {
  const likes = found.measurements.filter((one) => sameKind(one, item));
  const rows = likes.map((one) => h("tr", { class: one.path === item.path ? "chosen" : null, "aria-current": one.path === item.path ? "true" : null },
    h("td", {}, h("code", {}, one.path)),
    h("td", { class: "number" }, quantity(one.value, one.unit)),
    h("td", {}, [meaning(one.derivation), meaning(one.selection), one.repeat_of && t("repeatOf", { path: one.repeat_of })].filter(Boolean).join(", ")),
    h("td", {}, one.path === item.path ? [icon("imported"), t("chosen")] : h("span", { class: "muted" }, t("notChosen")))));
  const way = [...item.context.map(meaning), [meaning(item.code), sideText(item.laterality), meaning(item.segment)].filter(Boolean).join(", ")];
  return h("div", { class: "tree" },
    h("ol", { class: "way" }, way.map((one) => h("li", {}, one))),
    h("table", {}, h("caption", {}, t("sameKind", { n: likes.length })), h("tbody", {}, rows)));
}

const codeKey = (code) => (code ? `${code.scheme} ${code.value}` : "");

function sameKind(one, other) {
  const key = (item) => [codeKey(item.code), codeKey(item.site), item.laterality, codeKey(item.segment), codeKey(item.branch)].join("|");
  return key(one) === key(other);
}

async function calculated(view, control, report) {
  const brief = report.explanations[control.key];
  const reasons = await reasonsOf(report, control.key);
  if (!reasons) return brief ? [h("p", {}, brief.text)] : [];
  const [fields, inner] = inputsOf(view, reasons);
  const decides = reasons.rule || reasons.criteria;
  const missing = reasons.missing.filter((key) => view.form.controls.has(key)).map((key) => jump(view, key));
  return [
    h("dl", { class: "facts" }, row(t("decision"), decides && reasons.decision), row(t("criteria"), reasons.criteria),
      row(t("ruleNumber"), reasons.rule && String(reasons.rule)), row(t("because"), reasons.text)),
    fields.length ? h("table", { class: "inputs" }, h("caption", {}, t("wentIn")), h("tbody", {}, fields.map((one) => inputRow(view, one)))) : null,
    missing.length ? h("p", { class: "missing" }, t("notKnown"), " ", missing) : null,
    ...linesOf(reasons, (key) => view.form.controls.get(key)).map(([title, lines]) =>
      h("div", { class: "turns" }, h("h3", {}, title), h("ul", {}, lines.map((one) => h("li", {}, one))))),
    inner.length || !decides ? innerValues(decides ? "" : reasons.decision, inner) : null,
  ].filter(Boolean);
}

/** Fields that went in, also by way of values without a field; and those values. */
function inputsOf(view, { inputs }) {
  const isField = ({ name }) => view.form.controls.has(name);
  const given = inputs.filter(({ value }) => value !== null && value !== undefined && value !== "");
  const inner = given.filter((one) => !isField(one));
  const behind = inner.flatMap((one) => one.made_from ?? []);
  const fields = new Map([...behind, ...given].filter(isField).map((one) => [one.name, one]));
  return [[...fields.values()], inner];
}

const valueOf = (view, one) => [named(view.form.controls.get(one.name)?.field, one.value), unitText(one.unit)].filter(Boolean).join("\u00a0");

function inputRow(view, input) {
  const from = (input.made_from ?? []).filter(({ name }) => view.form.controls.has(name)).map((one) => `${view.label(one.name)} ${valueOf(view, one)}`);
  return h("tr", {}, h("th", { scope: "row" }, jump(view, input.name)), h("td", { class: "number" }, valueOf(view, input)),
    h("td", { class: "muted" }, [known(input.provenance) ? t(input.provenance) : input.provenance, from.length && t("from", { names: from.join(", ") })].filter(Boolean).join(" · ")));
}

/** Folded away: they are code. */
const innerValues = (formula, inner) => h("details", { class: "inner" }, h("summary", {}, t("innerValues")), formula && h("p", {}, h("code", {}, formula)), h("table", { class: "inputs" }, h("tbody", {}, inner.map((one) =>
  h("tr", {}, h("th", { scope: "row" }, h("code", {}, one.name)), h("td", {}, h("code", {}, quantity(one.value, one.unit))))))));
const jump = (view, key) => h("button", { type: "button", class: "link", onclick: () => view.go(key) }, view.label(key));
