// Texts beside each other in narrow columns: what would be misread across the end of a line stays together.

import { h } from "./dom.js";

const TIED = /(\S*\d (?=[%°/[]|\p{L})\S+|\S*\d[-–]\d\S*)/u;

/** A text in which no line ends between a number and its unit, nor within a range. @param {string} text */
export const tied = (text) => text.split(TIED).map((part, n) => (n % 2 ? h("span", { class: "tied" }, part) : part));
