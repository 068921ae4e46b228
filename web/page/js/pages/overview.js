// The server at a glance.

import { attribute, el, keyed, replace, text } from '../dom.js';
import { bitRate, bytes, count, duration, percent, plural } from '../format.js';
import { chart } from '../chart.js';
import { head, Life, panel } from '../page.js';
import { href } from '../router.js';
import { busiest } from '../store.js';
import { table } from '../table.js';
import { firstStream } from './first.js';
import { logLine } from './log.js';
import { streamColumns, streamWords } from './streams.js';

const BUSIEST = 8;
const LINES = 6;

/** Shows the overview. */
export function overviewPage({ api, store }) {
  const life = new Life();
  const figures = new Figures();
  const charts = [
    chart({
      label: 'Bit rates', format: bitRate, least: 1e5,
      lines: [{ name: 'in', colour: '--in', series: () => store.history.in }, { name: 'out', colour: '--out', series: () => store.history.out }],
    }),
    chart({ label: 'Load', format: percent, end: 1, lines: [{ name: 'busiest event loop', colour: '--in', series: () => store.history.busy }] }),
  ];
  const streams = table({ caption: 'Streams with the most viewers', columns: streamColumns(store).filter((column) => !['Key frames', 'Skips', 'Live for'].includes(column.title)), key: (stream) => stream.id, words: streamWords, empty: 'No stream is live.', sort: 7, descending: true });
  const most = el('section', { class: 'panel' }, el('div', { class: 'title' }, el('h2', {}, 'Most watched'), el('a', { href: '#/streams' }, 'All streams')), streams.node);
  const first = firstStream({ api, store }, life);
  const lines = el('ul', { class: 'log' });
  const quiet = el('p', { class: 'faint' }, 'Nothing has happened since this page was opened.');
  const limits = new Limits();

  const showStreams = () => {
    most.hidden = store.streams.size === 0;
    first.hidden = store.streams.size > 0;
    const list = [...store.streams.values()].sort((a, b) => b.viewers - a.viewers || b.bits_per_second - a.bits_per_second);
    streams.show(list.slice(0, BUSIEST));
  };
  const show = () => {
    figures.show(store, limits.sum);
    for (const one of charts) one.draw();
    showStreams();
  };
  const showLog = () => {
    const newest = store.log().slice(-LINES).reverse();
    keyed(lines, newest, (line) => String(line.number), (line) => logLine(line, true));
    quiet.hidden = newest.length > 0;
  };
  life.listen(store, 'figures', show);
  life.listen(store, 'streams', showStreams);
  life.listen(store, 'log', showLog);
  life.listen(document, 'theme', show);
  life.listen(window, 'resize', show);
  life.poll(async (signal) => limits.show(await api.get('limits', signal)), 5000);

  return {
    title: 'Overview',
    node: el('div', { class: 'stack' },
      head('Overview'), figures.node,
      el('div', { class: 'pair' }, panel('Traffic', charts[0].node), panel('Load', charts[1].node)),
      most, first,
      el('div', { class: 'pair' },
        el('section', { class: 'panel' }, el('div', { class: 'title' }, el('h2', {}, 'Newest events'), el('a', { href: '#/log' }, 'Log')), lines, quiet),
        limits.node)),
    shown: () => { show(); showLog(); },
    close: life.close,
  };
}

/** The figures at the top. */
class Figures {
  constructor() {
    this.values = new Map();
    this.node = el('dl', { class: 'figures' }, ['Streams', 'Viewers', 'In', 'Out', 'Load', 'Memory', 'Connections', 'Up for', 'Limits hit'].map((name) => {
      const value = el('dd', {}, '–');
      const node = el('div', { class: 'figure' }, el('dt', {}, name), value);
      this.values.set(name, { node, value });
      return node;
    }));
  }

  show({ server, streams }, exceeded) {
    this.set('Streams', count(server?.streams ?? streams.size));
    this.set('Viewers', count(server?.viewers));
    this.set('In', bitRate(server?.bits_per_second_in));
    this.set('Out', bitRate(server?.bits_per_second_out));
    const busy = busiest(server);
    this.set('Load', server ? percent(busy) : '–', busy > 0.85 ? 'bad' : busy > 0.6 ? 'warn' : null);
    this.set('Memory', bytes(server?.memory_bytes));
    this.set('Connections', count(server?.connections));
    this.set('Up for', duration(server?.seconds));
    this.set('Limits hit', count(exceeded), exceeded > 0 ? 'warn' : null);
  }

  set(name, words, tone = null) {
    const { node, value } = this.values.get(name);
    if (value.textContent !== words) replace(value, words.split(/(?<= )/).map((word) => (/[\d–]/.test(word) ? word : el('span', { class: 'unit' }, word))));
    attribute(node, 'data-tone', tone);
  }
}

/** Which limits were exceeded, and how often. */
class Limits {
  constructor() {
    this.sum = 0;
    this.list = el('dl', { class: 'facts' });
    this.none = el('p', { class: 'faint' }, 'None since the server has started.');
    this.node = panel('Limits that clients exceeded', this.list, this.none);
  }

  show(limits) {
    const exceeded = limits.filter((limit) => limit.exceeded > 0);
    this.sum = exceeded.reduce((sum, limit) => sum + limit.exceeded, 0);
    this.none.hidden = exceeded.length > 0;
    keyed(this.list, exceeded, (limit) => limit.name, (limit) => el('div', {}, el('dt', {}, el('code', {}, limit.name)), el('dd')),
      (node, limit) => text(node.lastElementChild, plural(limit.exceeded, 'time')));
  }
}
