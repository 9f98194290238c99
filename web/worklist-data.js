// What waits, as the server lists it page by page, and how the reader narrows it; the latter is remembered here.

import * as api from "./api.js";

/** The lists in their order, and where the server has the further pages of each. */
const PARTS = { unreported: "unreported", late: "late", drafts: "drafts", to_sign: "to-sign", signed: "signed" };
export const LISTS = Object.keys(PARTS);
export const MORE = 50;
export const ALWAYS = 36_500; // days
export const PERIODS = { 30: "period_month", 365: "period_year", [ALWAYS]: "period_all" };
/** By which heads the lists can be sorted: the order after the first press, and after the second; a third takes it back. */
export const SORTS = { patient: ["patient", "-patient"], measuredOn: ["-study_date", "study_date"], changedAt: ["-changed", "changed"] };
const KEY = "mrrt.worklist";
const LONGEST = 200; // entries of a page
const COUNTED = 1000; // the server counts no further

/**
 * @typedef {{template: string, days: number, mine: boolean|null, sort: string}} Filters `mine` is null until somebody
 *   says, `sort` is "" for the order that each list has by itself
 * @typedef {{items: any[], next: string|null, total: number|null}} List
 */

/** The order among these that there is, the first of them. @param {any[]} given */
const sortOf = (...given) => given.find((one) => Object.values(SORTS).flat().includes(one)) ?? "";

/** The filters of this browser, the usual ones where there are none; an order in the address goes first. @returns {Filters} */
export function remembered() {
  const address = /^#\/\?sort=([\w-]+)$/.exec(location.hash)?.[1];
  const usual = { template: "", days: 30, mine: null, sort: sortOf(address) };
  try {
    const { template, days, mine, sort } = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { template: typeof template === "string" ? template : "", days: days in PERIODS ? days : usual.days, mine: typeof mine === "boolean" ? mine : null, sort: sortOf(address, sort) };
  } catch {
    return usual;
  }
}

/** Let the address of the worklist name the order that it is in. @param {string} sort */
export function showOrder(sort) {
  const wanted = sort ? `#/?sort=${sort}` : "#/";
  const here = location.hash.length < 3 ? "#/" : location.hash;
  if (/^#\/(\?sort=.*)?$/.test(here) && here !== wanted) history.replaceState(null, "", wanted);
}

/** Keep the filters here, and the order in the address, too. @param {Filters} filters */
export function remember(filters) {
  showOrder(filters.sort);
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
