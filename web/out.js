// The report for other programs: as text in the clipboard, and as a file in every format that the server renders.

import * as api from "./api.js";
import { h } from "./dom.js";
import "./texts-report.js";
import { t } from "./strings.js";

/** Formats of a server that does not list them. */
const BASIC = [{ name: "text", suffix: ".txt" }, { name: "html", suffix: ".html" }, { name: "json", suffix: ".json" }];
let asked = null;

/** Every format that the server renders. @returns {Promise<{name: string, suffix: string}[]>} */
export const FORMATS_OF = () => (asked ??= api.formats().catch(() => ((asked = null), BASIC)));

/** Put the report into the clipboard as plain text, for the RIS. @param {any} view */
export async function copy(view) {
  const say = (text) => (view.news.textContent = text, toast(text));
  try {
    const { report } = view.draft;
    const text = await api.rendering(report.id, "text", view.isFixed ? null : report.version);
    await write(text);
    say(t("copied", { n: text.trim().split("\n").length }));
  } catch (error) {
    say(t("failed", { detail: error.status === 0 ? t("serverAway") : error.message }));
  }
}

/** The clipboard of pages that came over plain HTTP is reached by the old way only. */
async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const focused = /** @type {any} */ (document.activeElement);
  const area = h("textarea", { class: "visually-hidden", readonly: true });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  focused?.focus();
}

/** A short word at the edge of the page that goes by itself; screen readers hear it from the live region. */
function toast(text) {
  document.querySelector(".toast")?.remove();
  const note = h("p", { class: "toast", "aria-hidden": "true" }, text);
  document.body.append(note);
  setTimeout(() => note.remove(), 2_500);
}

/** @param {any} view @param {{name: string, suffix: string}} format */
export function download(view, format) {
  const { id, version } = view.draft.report;
  const link = h("a", { href: api.renderingAddress(id, format.name, version), download: `report-${id}-v${version}${format.suffix}` });
  document.body.append(link);
  link.click();
  link.remove();
}
