// All streams as a table.

import { attribute, el, text } from '../dom.js';
import { bitRate, count, decimal, duration, size } from '../format.js';
import { spark } from '../chart.js';
import { head, Life } from '../page.js';
import { href } from '../router.js';
import { nameOf, skipsOf } from '../store.js';
import { table } from '../table.js';
import { firstStream } from './first.js';

/** The codecs of a stream: "H.264 · AAC". */
const codecsOf = (stream) => [stream.video?.codec, stream.audio?.codec].filter(Boolean).join(' · ') || '–';

/** The columns that streams have wherever they are listed. */
export function streamColumns(store) {
  return [
    {
      title: 'Stream', heading: true, value: nameOf,
      cell: (stream) => el('a', { href: href('streams', stream.id) }, nameOf(stream)),
      update: (link, stream) => { attribute(link, 'href', href('streams', stream.id)); text(link, nameOf(stream)); },
    },
    {
      title: 'Workflow', wide: true, value: (stream) => stream.workflow_name,
      cell: () => el('a'),
      update: (link, stream) => { attribute(link, 'href', href('workflows', stream.workflow_name ?? '')); text(link, stream.workflow_name ?? '–'); },
    },
    { title: 'Codecs', wide: true, value: codecsOf, text: codecsOf },
    { title: 'Picture', number: true, wide: true, descending: true, value: (stream) => stream.video?.width * stream.video?.height, text: (stream) => size(stream.video?.width, stream.video?.height) },
    { title: 'fps', number: true, wide: true, descending: true, value: (stream) => stream.video?.frames_per_second, text: (stream) => decimal(stream.video?.frames_per_second, 1) },
    {
      title: 'Last minute', wide: true, cell: () => el('canvas', { class: 'spark faint', 'aria-hidden': 'true' }),
      update: (canvas, stream) => spark(canvas, store.historyOf(stream.id).bits),
    },
    { title: 'Bit rate', number: true, descending: true, value: (stream) => stream.bits_per_second, text: (stream) => bitRate(stream.bits_per_second) },
    { title: 'Key frames', number: true, wide: true, descending: true, value: (stream) => stream.video?.key_frame_seconds, text: (stream) => (stream.video?.key_frame_seconds ? `every ${decimal(stream.video.key_frame_seconds, 1)} s` : '–') },
    { title: 'Viewers', number: true, descending: true, value: (stream) => stream.viewers, text: (stream) => count(stream.viewers) },
    { title: 'Skips', number: true, wide: true, descending: true, value: skipsOf, text: (stream) => count(skipsOf(stream)) },
    { title: 'Live for', number: true, wide: true, descending: true, value: (stream) => stream.seconds, text: (stream) => duration(stream.seconds) },
  ];
}

/** What a filter looks into. */
export const streamWords = (stream) => [nameOf(stream), stream.workflow_name ?? '', codecsOf(stream), stream.client ?? '', stream.encoder ?? '', stream.remote_address ?? '', stream.id];

/** Shows the page of all streams. */
export function streamsPage({ api, store }) {
  const life = new Life();
  const list = table({
    caption: 'Streams', columns: streamColumns(store), key: (stream) => stream.id, words: streamWords, empty: '',
  });
  const first = firstStream({ api, store }, life);
  const some = el('div', { class: 'panel' }, list.node);
  const show = () => {
    some.hidden = store.streams.size === 0;
    first.hidden = store.streams.size > 0;
    list.show([...store.streams.values()]);
  };
  life.listen(store, 'streams', show);
  life.listen(store, 'figures', show);
  return { title: 'Streams', node: el('div', {}, head('Streams', list.filter), some, first), shown: show, close: life.close };
}
