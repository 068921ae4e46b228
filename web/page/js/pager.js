// Turning the pages of a list.

import { el, text } from './dom.js';
import { count } from './format.js';

/** Says where one is in a list, and turns its pages. Of a list with one page it shows nothing. */
export class Pager {
  /**
   * @param {number} length of a page
   * @param {(step: number) => void} turn
   */
  constructor(length, turn) {
    this.length = length;
    this.where = el('span');
    this.before = el('button', { type: 'button', class: 'small', click: () => turn(-1) }, '← Before');
    this.after = el('button', { type: 'button', class: 'small', click: () => turn(1) }, 'Next →');
    this.node = el('div', { class: 'pager' }, this.where, this.before, this.after);
  }

  /** Takes how many items there are, and which of how many pages is shown; pages count from 0. */
  show(found, page, pages) {
    this.node.hidden = pages < 2;
    text(this.where, `${count(page * this.length + 1)}–${count(Math.min(found, (page + 1) * this.length))} of ${count(found)}`);
    this.before.disabled = page === 0;
    this.after.disabled = page === pages - 1;
  }
}
