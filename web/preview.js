// The report as it will read: the server's HTML rendering, copied element by element into our own type.

import * as api from "./api.js";
import { h, retag } from "./dom.js";
import { t } from "./strings.js";

const SAME = new Set(["P", "DL", "DT", "DD", "TABLE", "CAPTION", "THEAD", "TBODY", "TR", "TH", "TD", "SECTION", "UL", "OL", "LI", "STRONG", "EM", "B", "I", "BR"]);
const LOWER = { H1: "h3", H2: "h4", H3: "h5", H4: "h6", H5: "h6", H6: "h6" }; // they stand below our own headings
const CLASSES = new Set(["label", "signature", "draft", "tied", "void"]);

/** Copy what is known, without attributes; of anything else only the text. @param {Node} node @returns {Node[]} */
function copied(node) {
  if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.nodeValue)];
  if (!(node instanceof Element) || ["SCRIPT", "STYLE", "TEMPLATE"].includes(node.tagName)) return [];
  const children = [...node.childNodes].flatMap(copied);
  const tag = LOWER[node.tagName] ?? (SAME.has(node.tagName) ? node.tagName : node.tagName === "SPAN" ? "span" : null);
  if (!tag) return children;
  const names = [...node.classList].filter((name) => CLASSES.has(name)).join(" ");
  return [h(tag, { class: names || null, scope: node.getAttribute("scope") }, children)];
}

const QUANTITY = /^[-−+]?\d+([.,]\d+)?(\s\S+)?$/;

/** Columns of numbers are set flush right, so that digits stand under digits. @param {HTMLTableElement} table */
function alignNumbers(table) {
  const rows = [...table.rows];
  const texts = rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
  for (const column of texts[0]?.keys() ?? []) {
    const below = texts.slice(1).map((row) => row[column] ?? "").filter(Boolean);
    if (!below.length || !below.every((text) => QUANTITY.test(text))) continue;
    for (const row of rows) row.cells[column]?.classList.add("number");
  }
}

/** No heading is more than one level below the one before it, whatever the template's levels are. @param {Element} page */
function evenHeadings(page) {
  let last = 2;
  for (const heading of page.querySelectorAll("h3, h4, h5, h6")) {
    last = Math.min(Number(heading.tagName[1]), last + 1);
    if (`H${last}` !== heading.tagName) retag(heading, `h${last}`);
  }
}

/** @param {string} html a rendering of the server @returns {Node[]} */
export function reportNodes(html) {
  // our Content-Security-Policy would report the style of the page even though it is never shown
  const page = new DOMParser().parseFromString(html.replace(/<style[^]*?<\/style>/gi, ""), "text/html");
  const nodes = [...(page.querySelector("main") ?? page.body).childNodes].flatMap(copied);
  const holder = h("div", {}, nodes);
  holder.querySelectorAll("table").forEach(alignNumbers);
  evenHeadings(holder);
  return [...holder.childNodes];
}

class Preview extends HTMLElement {
  #asked = 0;

  connectedCallback() {
    if (this.paper?.isConnected) return;
    this.paper ??= h("div", { class: "paper", tabindex: "0", role: "group" });
    this.append(this.paper);
  }

  /** @param {string} label what it is called */
  set label(label) {
    this.paper.setAttribute("aria-label", label);
    this.paper.dataset.behind = t("behind");
  }

  /** Fetch and show the report as it stands; of several calls only the answer to the last is shown. @param {any} report */
  async refresh(report) {
    const asked = (this.#asked += 1);
    this.classList.add("stale");
    let nodes;
    this.paper ??= h("div", { class: "paper", tabindex: "0", role: "group" });
    try {
      nodes = reportNodes(await api.rendering(report.id, "html", report.version));
    } catch {
      nodes = null;
    }
    if (asked !== this.#asked) return;
    this.classList.toggle("stale", !nodes);
    this.paper.querySelector(".unavailable")?.remove();
    if (!nodes) return this.paper.prepend(h("p", { class: "muted unavailable" }, t("unavailable"))); // what stands below is older
    this.paper.lang = report.language;
    this.paper.replaceChildren(...nodes); // keeps its scroll position: the box is the same
    this.dispatchEvent(new Event("refreshed"));
  }
}

customElements.define("mrrt-preview", Preview);
