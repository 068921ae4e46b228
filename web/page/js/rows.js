// Sorting, filtering and cutting lists into pages, apart from how they are shown.

/**
 * Whether a row has every word of a filter somewhere in its texts. Case does not matter.
 * @param {string[]} texts
 * @param {string} filter
 */
export function matches(texts, filter) {
  const whole = texts.join('\n').toLowerCase();
  return filter.toLowerCase().split(/\s+/).every((word) => whole.includes(word));
}

/** Compares two values for sorting: numbers by size, texts as people sort them, and what is not known last, in either direction. */
export function compare(a, b, descending) {
  const missing = (value) => value === null || value === undefined || Number.isNaN(value);
  if (missing(a) || missing(b)) return missing(a) - missing(b);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
  return descending ? -order : order;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/**
 * The rows of one page of a list, and how many pages there are.
 * @template T
 * @param {T[]} rows
 * @param {number} page counts from 0; one behind the last is the last one
 * @param {number} length of a page
 * @returns {{rows: T[], page: number, pages: number}}
 */
export function pageOf(rows, page, length) {
  const pages = Math.max(1, Math.ceil(rows.length / length));
  const now = Math.min(Math.max(0, page), pages - 1);
  return { rows: rows.slice(now * length, (now + 1) * length), page: now, pages };
}
