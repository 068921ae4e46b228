// Tables that sort, filter and have pages. Only the rows that are shown exist as elements, and only the cells that changed are
// touched, so that thousands of rows cost little.

import { attribute, el, keyed, text } from './dom.js';
import { Pager } from './pager.js';
import { compare, matches, pageOf } from './rows.js';

const PAGE = 50;

/**
 * @template T
 * @typedef {{title: string, value?: (row: T) => *, text?: (row: T) => string, cell?: (row: T) => Element, update?: (node: Element, row: T) => void, number?: boolean, wide?: boolean, long?: boolean, heading?: boolean, descending?: boolean}} Column
 *   value is sorted by; text is shown, unless cell makes an element, which update brings up to date; wide columns are left out on
 *   small screens; heading is the column that names its row
 */

/**
 * @template T
 * @param {{caption: string, columns: Column<T>[], key: (row: T) => string, words: (row: T) => string[], empty: string, sort?: number, descending?: boolean}} options
 *   words are what the filter looks into
 * @returns {{node: HTMLElement, filter: HTMLInputElement, show: (rows: T[]) => void}}
 */
export function table(options) {
  const state = { rows: [], sort: options.sort ?? 0, descending: options.descending ?? false, page: 0 };
  const filter = el('input', { type: 'search', placeholder: 'Filter', 'aria-label': `Filter ${options.caption.toLowerCase()}`, input: () => { state.page = 0; render(); } });
  const headers = options.columns.map((column, i) => el('th', { scope: 'col', class: classes(column) },
    column.value ? el('button', { type: 'button', click: () => sortBy(i) }, column.title) : column.title));
  const body = el('tbody');
  const nothing = el('p', { class: 'faint' });
  const pager = new Pager(PAGE, (step) => { state.page += step; render(); });
  const scroll = el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': options.caption },
    el('table', {}, el('caption', { class: 'unseen' }, options.caption), el('thead', {}, el('tr', {}, headers)), body));

  function sortBy(i) {
    state.descending = state.sort === i ? !state.descending : Boolean(options.columns[i].descending);
    state.sort = i;
    render();
  }

  function render() {
    const value = options.columns[state.sort].value;
    const found = filter.value.trim() === '' ? state.rows.slice() : state.rows.filter((row) => matches(options.words(row), filter.value.trim()));
    found.sort((a, b) => compare(value(a), value(b), state.descending));
    const shown = pageOf(found, state.page, PAGE);
    state.page = shown.page;
    headers.forEach((header, i) => attribute(header, 'aria-sort', i === state.sort ? (state.descending ? 'descending' : 'ascending') : null));
    keyed(body, shown.rows, options.key, (row) => makeRow(options.columns, row), (node, row) => updateRow(options.columns, node, row));
    text(nothing, state.rows.length === 0 ? options.empty : 'Nothing matches the filter.');
    nothing.hidden = found.length > 0;
    scroll.hidden = found.length === 0;
    pager.show(found.length, shown.page, shown.pages);
  }

  return { node: el('div', {}, scroll, nothing, pager.node), filter, show: (rows) => { state.rows = rows; render(); } };
}

function classes(column) {
  return [column.number && 'number', column.wide && 'wide', column.long && 'long'].filter(Boolean).join(' ') || null;
}

function makeRow(columns, row) {
  return el('tr', {}, columns.map((column) => {
    const cell = el(column.heading ? 'th' : 'td', { class: classes(column), scope: column.heading && 'row' });
    if (column.cell) cell.append(column.cell(row));
    return cell;
  }));
}

function updateRow(columns, node, row) {
  columns.forEach((column, i) => {
    if (!column.cell) text(node.children[i], column.text(row));
    else column.update?.(node.children[i].firstElementChild, row);
  });
}
