// Elements. Text comes into the page as text nodes and attributes only, whoever wrote it: nothing here parses markup, and the
// page's policy (require-trusted-types-for) forbids that anything does.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Makes an element. A property that is a function listens to the event of that name, null and false leave it out, true is an
 * attribute without a value. Children are nodes or texts; null and false are left out.
 * @param {string} name
 * @param {Object<string, *>} [properties]
 * @param {...(Node|string|number|null|false|Array)} children
 * @returns {HTMLElement}
 */
export function el(name, properties = {}, ...children) {
  return fill(document.createElement(name), properties, children);
}

/** Makes an SVG element, as el does. */
export function svg(name, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, name), properties, children);
}

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') node.addEventListener(name, value);
    else attribute(node, name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Sets an attribute if it is not so already; null and false remove it. */
export function attribute(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const text = value === true ? '' : String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

/** Sets the text of a node if it is not so already: what does not change costs no layout. */
export function text(node, value) {
  const wanted = String(value);
  if (node.textContent !== wanted) node.textContent = wanted;
}

/**
 * Makes the children of a parent those of a list, and touches only what changed. Keys tell which child belongs to which item.
 * @template T
 * @param {Element} parent has no other children
 * @param {Iterable<T>} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => Element} create
 * @param {(node: Element, item: T) => void} [update] is called for new ones, too
 */
export function keyed(parent, items, keyOf, create, update = () => {}) {
  const known = parent.byKey ?? new Map();
  const next = new Map();
  for (const item of items) next.set(keyOf(item), item);
  for (const [key, node] of known) if (!next.has(key)) node.remove(); // first, so that those behind them stay where they are
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  let place = parent.firstElementChild;
  for (const [key, item] of next) {
    const node = known.get(key) ?? create(item);
    next.set(key, node);
    update(node, item);
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  parent.byKey = next;
  if (focused !== document.activeElement) focused?.focus({ preventScroll: true }); // what is moved loses it
}

/** Takes all children of a node away and puts others there. */
export function replace(node, ...children) {
  node.byKey = undefined;
  node.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
}
