// A window that lets one of many things be chosen by typing a part of its name.

import { h, showOver } from "./dom.js";
import "./texts-report.js";
import { t } from "./strings.js";

const SHOWN = 60;

/** Rank of an option for what was typed: at the beginning, at the beginning of a word, anywhere; -1 for not at all. */
function rankOf(text, words) {
  const low = text.toLowerCase();
  let rank = 0;
  for (const word of words) {
    const place = low.indexOf(word);
    if (place < 0) return -1;
    rank += place === 0 ? 0 : /\W/.test(low[place - 1]) ? 1 : 3;
  }
  return rank;
}

/**
 * @template {{text: string, note?: string, keys?: string}} Option
 * @param {{title: string, hint: string, options: Option[], none?: string}} given
 * @returns {Promise<Option|null>} null where nothing was chosen
 */
export function pick({ title, hint, options, none = t("nothingFound") }) {
  return new Promise((resolve) => {
    let shown = [];
    let at = 0;
    let chosen = null;
    const list = h("ul", { class: "options", role: "listbox", id: "picker-list", "aria-label": title });
    const input = h("input", {
      type: "text", id: "picker", role: "combobox", "aria-expanded": "true", "aria-controls": "picker-list", "aria-autocomplete": "list",
      "aria-label": title, placeholder: hint, autocomplete: "off", spellcheck: "false",
    });
    const dialog = h("dialog", { class: "picker", "aria-label": title, onclose: () => resolve(chosen) }, input, list);
    const take = (option) => {
      chosen = option ?? null;
      dialog.close();
    };
    const mark = () => {
      [...list.children].forEach((row, n) => row.setAttribute("aria-selected", String(n === at && shown.length > 0)));
      if (shown.length) input.setAttribute("aria-activedescendant", `option-${at}`);
      else input.removeAttribute("aria-activedescendant");
      list.children[at]?.scrollIntoView({ block: "nearest" });
    };
    const draw = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const ranked = options.map((option) => ({ option, rank: rankOf(`${option.text} ${option.note ?? ""}`, words) })).filter(({ rank }) => rank >= 0);
      shown = ranked.sort((one, other) => one.rank - other.rank).slice(0, SHOWN).map(({ option }) => option);
      at = 0;
      const rows = shown.map((option, n) => h("li", { role: "option", id: `option-${n}`, onclick: () => take(option) },
        h("span", {}, option.text), option.note && h("span", { class: "muted" }, option.note), option.keys && h("kbd", {}, option.keys)));
      list.replaceChildren(...(rows.length ? rows : [h("li", { role: "option", "aria-disabled": "true", class: "muted" }, none)]));
      mark();
    };
    input.addEventListener("input", draw);
    input.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
      if (step && shown.length) {
        event.preventDefault();
        at = Math.abs(step) === 1 ? (at + step + shown.length) % shown.length : Math.max(0, Math.min(shown.length - 1, at + step));
        mark();
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (shown.length) take(shown[at]);
      }
    });
    draw();
    showOver(dialog);
    input.focus();
  });
}
