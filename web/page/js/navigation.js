// The list of pages at the side.

import { attribute, el, svg, text } from './dom.js';
import { count } from './format.js';

const ICONS = {
  '': 'M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 4v3h6V4z',
  streams: 'M5 12h2l2-6 4 12 2-6h4',
  workflows: 'M4 5h6v5H4zM14 14h6v5h-6zM7 10v6.5h7',
  connections: 'M9 12h6M8 8H7a4 4 0 0 0 0 8h1M16 8h1a4 4 0 0 1 0 8h-1',
  reactors: 'M12 4v3M12 17v3M4 12h3M17 12h3M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  ffmpegs: 'M5 5h14v14H5zM5 9h14M5 15h14M9 5v4M9 15v4M15 5v4M15 15v4',
  log: 'M5 6h14M5 12h14M5 18h9',
};

const PAGES = [
  ['', 'Overview'],
  ['streams', 'Streams', (store) => store.streams.size],
  ['workflows', 'Workflows', (store) => store.workflows.length],
  ['connections', 'Connections', (store) => store.server?.connections],
  ['reactors', 'Reactors'],
  ['ffmpegs', 'ffmpeg'],
  ['log', 'Log', (store) => store.troubles],
];

/** Shows which pages there are, and how much is on them. */
export class Navigation {
  constructor(list, store) {
    this.links = new Map();
    for (const [name, title, number] of PAGES) {
      const counter = el('span', { class: 'count', 'data-tone': name === 'log' && 'bad' });
      const link = el('a', { href: `#/${name}` },
        svg('svg', { viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', 'stroke-width': '1.7', 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' }, svg('path', { d: ICONS[name] })),
        el('span', {}, title), counter);
      list.append(el('li', {}, link));
      this.links.set(name, { link, counter, number });
    }
    for (const part of ['figures', 'streams', 'workflows', 'log']) store.addEventListener(part, () => this.show(store));
  }

  show(store) {
    for (const { counter, number } of this.links.values()) text(counter, number?.(store) ? count(number(store)) : '');
  }

  /** Marks the page that is shown. */
  select(name) {
    const marked = name === 'edit' || name === 'new' ? 'workflows' : name;
    for (const [other, { link }] of this.links) attribute(link, 'aria-current', other === marked ? 'page' : null);
  }
}
