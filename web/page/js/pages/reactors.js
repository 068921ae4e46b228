// The services that are asked which streams may have what.

import { attribute, el, text } from '../dom.js';
import { count, milliseconds, percent } from '../format.js';
import { badge, head, Life } from '../page.js';
import { table } from '../table.js';

const failing = (reactor) => (reactor.calls > 0 ? reactor.failures / reactor.calls : NaN);

/** Shows all reactors. */
export function reactorsPage({ api }) {
  const life = new Life();
  const list = table({
    caption: 'Reactors', key: (reactor) => reactor.name, words: (reactor) => [reactor.name, reactor.executor ?? ''],
    empty: 'The configuration has no reactor. A reactor is a service of yours that says who may publish or watch, and which workflows run for a stream.',
    columns: [
      { title: 'Reactor', heading: true, value: (r) => r.name, text: (r) => r.name },
      { title: 'Executor', wide: true, value: (r) => r.executor, text: (r) => r.executor ?? '–' },
      { title: 'Streams', number: true, descending: true, value: (r) => r.streams, text: (r) => count(r.streams) },
      { title: 'Questions', number: true, descending: true, value: (r) => r.calls, text: (r) => count(r.calls) },
      {
        title: 'Failures', number: true, descending: true, value: (r) => r.failures, cell: () => badge(''),
        update: (node, r) => { text(node, r.failures > 0 ? `${count(r.failures)} (${percent(failing(r))})` : '0'); attribute(node, 'data-tone', r.failures > 0 ? 'bad' : null); },
      },
      { title: 'Answers in', number: true, descending: true, value: (r) => r.answer_ms_mean, text: (r) => milliseconds(r.answer_ms_mean) },
    ],
  });
  life.poll(async (signal) => list.show(await api.get('reactors', signal)), 2000);
  return { title: 'Reactors', node: el('div', {}, head('Reactors', list.filter), el('div', { class: 'panel' }, list.node)), close: life.close };
}
