// The page of a template that says where its figures come from (SOURCE.md): as much of Markdown as such pages use.

import { table } from "./desk.js";
import { h } from "./dom.js";

const isRow = (line) => line.startsWith("|");
const cells = (line) => line.split("|").slice(1, -1).map((cell) => cell.trim());

/** @param {string} text */
export function sourcesPage(text) {
  const blocks = text.trim().split(/\n\s*\n/).map((block) => block.split("\n").map((line) => line.trim()));
  return h("div", { class: "sources", lang: "en" }, blocks.flatMap(drawn));
}

/** @param {string[]} lines of a block */
function drawn(lines) {
  const [first, ...rest] = lines;
  const heading = /^(#+)\s+(.*)$/.exec(first);
  if (heading) return [h(heading[1].length > 2 ? "h4" : "h3", {}, inline(heading[2])), ...(rest.length ? drawn(rest) : [])];
  if (lines.every(isRow)) return [grid(lines)];
  if (/^[-*]\s/.test(first)) {
    const items = lines.reduce((all, line) => (/^[-*]\s/.test(line) ? [...all, line.slice(2)] : [...all.slice(0, -1), `${all.at(-1)} ${line}`]), []);
    return [h("ul", {}, items.map((item) => h("li", {}, "• ", inline(item))))];
  }
  return [h("p", {}, inline(lines.join(" ")))];
}

function grid([head, ...rest]) {
  const rows = rest.filter((line) => !/^[|\s:-]+$/.test(line)).map((line) => {
    const [first, ...others] = cells(line);
    return h("tr", {}, h("th", { scope: "row" }, inline(first)), others.map((cell) => h("td", {}, inline(cell))));
  });
  return table(cells(head).join(", "), cells(head), rows);
}

/** Code, strong and emphasised words of a line. @param {string} text */
const inline = (text) => text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*)/).map((part) => {
  if (/^`.+`$/.test(part)) return h("code", {}, part.slice(1, -1));
  if (/^\*\*.+\*\*$/.test(part)) return h("strong", {}, part.slice(2, -2));
  return /^\*.+\*$/.test(part) ? h("em", {}, part.slice(1, -1)) : part;
});
