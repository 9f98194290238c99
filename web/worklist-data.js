// What waits, as the server lists it page by page, and how the reader narrows it; the latter is remembered here.

import * as api from "./api.js";

/** The lists in their order, and where the server has the further pages of each. */
const PARTS = { unreported: "unreported", late: "late", drafts: "drafts", to_sign: "to-sign", signed: "signed" };
export const LISTS = Object.keys(PARTS);
export const MORE = 50;
export const ALWAYS = 36_500; // days
export const PERIODS = { 30: "period_month", 365: "period_year", [ALWAYS]: "period_all" };
const KEY = "mrrt.worklist";
const LONGEST = 200; // entries of a page
const COUNTED = 1000; // the server counts no further

/**
 * @typedef {{template: string, days: number, mine: boolean|null}} Filters `mine` is null until somebody says
 * @typedef {{items: any[], next: string|null, total: number|null}} List
 */

/** The filters of this browser, the usual ones where there are none. @returns {Filters} */
export function remembered() {
  const usual = { template: "", days: 30, mine: null };
  try {
    const { template, days, mine } = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { template: typeof template === "string" ? template : "", days: days in PERIODS ? days : usual.days, mine: typeof mine === "boolean" ? mine : null };
  } catch {
    return usual;
  }
}

/** @param {Filters} filters */
export function remember(filters) {
  try {
    localStorage.setItem(KEY, JSON.stringify(filters));
  } catch { /* not allowed: they hold as long as the page is open */ }
}

/**
 * The first page of every list, and of those that were read on as much as was shown.
 * @param {Record<string, any>} asked @param {Record<string, number>} shown entries by list
 * @returns {Promise<Record<string, List>>}
 */
export async function load(asked, shown) {
  const found = await api.json(`worklist?${new URLSearchParams(asked)}`);
  await Promise.all(LISTS.map(async (name) => {
    const list = found[name];
    while (list.next && list.items.length < (shown[name] ?? 0)) {
      const limit = Math.min(LONGEST, shown[name] - list.items.length);
      const page = await api.json(`worklist/${PARTS[name]}?${new URLSearchParams({ ...asked, cursor: list.next, limit: String(limit) })}`);
      list.items.push(...page.items);
      list.next = page.next;
    }
  }));
  return found;
}

/** How many entries a list has, as text; "+" where nobody counted on. @param {List[]} lists */
export function count(...lists) {
  const counts = lists.map((list) => list.total ?? list.items.length);
  const isOpen = lists.some(({ total, next }) => (total === null ? next : total >= COUNTED));
  return `${counts.reduce((sum, one) => sum + one, 0)}${isOpen ? "+" : ""}`;
}
