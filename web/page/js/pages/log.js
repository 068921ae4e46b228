// What the server says: its warnings and errors, and what came and went.

import { el, keyed, text } from '../dom.js';
import { clock, count, plural } from '../format.js';
import { badge, head, Life } from '../page.js';
import { matches } from '../rows.js';

const SHOWN = 300;
const TONES = { error: 'bad', fatal: 'bad', panic: 'bad', warn: 'warn', info: null };
const LEVELS = { all: ['error', 'fatal', 'panic', 'warn', 'info', 'debug'], warn: ['error', 'fatal', 'panic', 'warn'], error: ['error', 'fatal', 'panic'] };

/** A line of the log; a brief one has no ids. */
export function logLine(line, brief = false) {
  const fields = Object.entries(line.fields).filter(([name, value]) => name !== 'target' && !(brief && /(^|_)id$/.test(name)) && value !== undefined && value !== null && value !== '' && value !== 0);
  return el('li', {},
    el('time', { datetime: line.at.toISOString(), title: line.at.toISOString() }, clock(line.at)),
    el('span', {}, badge(line.level, TONES[line.level])),
    el('span', { class: 'words' }, line.message, ' ', el('span', { class: 'fields' }, fields.map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`).join('  '))));
}

const wordsOf = (line) => [line.level, line.message, ...Object.entries(line.fields).map(([name, value]) => `${name}=${value}`)];

/** Shows the log. */
export function logPage({ store }) {
  const life = new Life();
  const list = el('ul', { class: 'log', 'aria-label': 'Log, newest first' });
  const filter = el('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter the log', input: () => show(true) });
  const level = el('select', { 'aria-label': 'Level', change: () => show(true) },
    el('option', { value: 'all' }, 'All'), el('option', { value: 'warn' }, 'Warnings and errors'), el('option', { value: 'error' }, 'Errors'));
  const pause = el('button', { type: 'button', click: () => toggle() }, 'Pause');
  const clear = el('button', { type: 'button', click: () => { store.clearLog(); show(true); } }, 'Clear');
  const note = el('p', { class: 'faint' });
  let pausedAt = null; // the number of the line that would have been next

  const toggle = () => {
    pausedAt = pausedAt === null ? store.lines : null;
    text(pause, pausedAt === null ? 'Pause' : 'Go on');
    show(true);
  };
  const show = (asked) => {
    if (pausedAt !== null && !asked) {
      text(note, `Paused. Since then: ${plural(store.lines - pausedAt, 'line')}.`);
      return;
    }
    const levels = LEVELS[level.value];
    const found = store.log().filter((line) => levels.includes(line.level) && (pausedAt === null || line.number < pausedAt) && matches(wordsOf(line), filter.value.trim()));
    const newest = found.slice(-SHOWN).reverse();
    keyed(list, newest, (line) => String(line.number), (line) => logLine(line));
    text(note, newest.length === 0 ? 'Nothing yet. What happens from now on is shown here; what was before is in the log files.'
      : `${count(newest.length)} of ${plural(store.lines, 'line')} since this page was opened. The newest 500 warnings and errors are kept, and the newest 500 others.`);
  };
  let due = false;
  life.listen(store, 'log', () => {
    if (due) return;
    due = true; // many lines at once are one change of the page
    requestAnimationFrame(() => {
      due = false;
      if (life.signal.aborted) return;
      if (store.troubles > 0) store.sawTroubles();
      show(false);
    });
  });
  store.sawTroubles();
  show(true);
  return { title: 'Log', node: el('div', {}, head('Log', filter, level, pause, clear), el('div', { class: 'panel' }, note, list)), close: life.close };
}
