// The smallest help with the DOM: elements from a tag, attributes and children. Text is always text.

/**
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `onclick` and the like are listeners; true, false and null do as HTML does
 * @param {...(Node|string|null|false|undefined|Array<any>)} children
 * @returns {any} the element; `any`, because every caller knows which kind it asked for
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Replace an element by one of another tag that has its attributes and children. @param {Element} element */
export function retag(element, tag, attributes = {}) {
  const other = h(tag, attributes);
  for (const { name, value } of element.attributes) if (!other.hasAttribute(name)) other.setAttribute(name, value);
  other.append(...element.childNodes);
  element.replaceWith(other);
  return other;
}

/** Show a window over the page. Where it closes, Chromium gives the focus back without the caret: keys would do nothing. @param {HTMLDialogElement} dialog */
export function showOver(dialog) {
  const held = /** @type {any} */ (document.activeElement);
  const { selectionStart: start, selectionEnd: end } = held;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (document.activeElement === held && Number.isInteger(start)) held.setSelectionRange(start, end);
  });
  document.body.append(dialog);
  dialog.showModal();
}

const SHAPES = {
  imported: "M6 1v6.5M3 5l3 3 3-3M2 10.5h8",
  calculated: "M2.5 4.5h7M2.5 7.5h7",
  typed: "M2 10l.6-2.4L8.2 2l1.8 1.8-5.6 5.6L2 10z",
  default: "M6 5.2v1.6",
  error: "M6 3.2v3.4M6 8.6v.2M6 1a5 5 0 100 10A5 5 0 006 1z",
  warning: "M6 4.8v2.7M6 9v.4M6 1.5L11 10.5H1z",
  information: "M6 5.4v3.4M6 3.2v.2M6 1a5 5 0 100 10A5 5 0 006 1z",
};

/** A small line drawing; what it means is always also said in words. @param {string} name */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SHAPES[name] ?? SHAPES.default);
  svg.append(path);
  return svg;
}

/** Text for screen readers only. @param {string} text */
export const hiddenText = (text) => h("span", { class: "visually-hidden" }, text);
