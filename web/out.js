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

/** What was typed up to now belongs to what leaves; what the report does not take is said. @returns {Promise<string>} */
const settled = async (view) => (view.isFixed || await view.acts.settle() ? "" : ` ${t("notAllOut")}`);

const why = (error) => t("failed", { detail: error.status === 0 ? t("serverAway") : error.message });

/** Put the report into the clipboard as plain text, for the RIS. @param {any} view */
export async function copy(view) {
  const say = (text) => (view.news.textContent = text, toast(text));
  try {
    const open = await settled(view);
    const { report } = view.draft;
    const text = await api.rendering(report.id, "text", report.version);
    const isThere = await write(text);
    say(isThere ? t("copied", { n: text.trim().split("\n").length }) + open : t("notCopied"));
  } catch (error) {
    say(error.status === undefined ? t("notCopied") : why(error));
  }
}

/** Print the report alone, with what was typed up to now. @param {any} view */
export async function print(view) {
  const open = await settled(view);
  if (open) toast(open.trim());
  view.side.choose("document");
  await view.side.fresh;
  window.print();
}

/** The clipboard of pages that came over plain HTTP is reached by the old way only. */
async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true);
  const focused = /** @type {any} */ (document.activeElement);
  const area = h("textarea", { class: "visually-hidden", readonly: true });
  area.value = text;
  document.body.append(area);
  area.select();
  const isThere = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return isThere;
}

/** A short word at the edge of the page that goes by itself; screen readers hear it from the live region. */
function toast(text) {
  document.querySelector(".toast")?.remove();
  const note = h("p", { class: "toast", "aria-hidden": "true" }, text);
  document.body.append(note);
  setTimeout(() => note.remove(), 2_500);
}

/** @param {any} view @param {{name: string, suffix: string}} format */
export async function download(view, format) {
  try {
    const open = await settled(view);
    if (open) toast(open.trim());
    const { id, version } = view.draft.report;
    const content = await api.renderingFile(id, format.name, version);
    const link = h("a", { href: URL.createObjectURL(content), download: `report-${id}-v${version}${format.suffix}` });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // browsers read it after the click
  } catch (error) {
    if (error.status === undefined) throw error;
    toast(why(error));
    view.news.textContent = why(error);
  }
}
