// The ffmpeg processes and how far they are.

import { attribute, el, text } from '../dom.js';
import { bitRate, count, decimal, duration } from '../format.js';
import { badge, head, Life } from '../page.js';
import { href } from '../router.js';
import { table } from '../table.js';

/** How a process does: one that falls behind its source is as bad as one that does not run. */
function toneOf(ffmpeg) {
  if (ffmpeg.error) return 'bad';
  if (ffmpeg.speed > 0 && ffmpeg.speed < 0.9) return 'warn';
  return ffmpeg.state === 'running' ? 'good' : null;
}

/** Shows all ffmpegs. */
export function ffmpegsPage({ api, store }) {
  const life = new Life();
  const streamName = (ffmpeg) => store.streams.get(ffmpeg.stream_id)?.stream_key ?? ffmpeg.stream_id ?? '–';
  const list = table({
    caption: 'ffmpeg processes', key: (ffmpeg) => ffmpeg.id, empty: 'No step needs ffmpeg at the moment.',
    words: (ffmpeg) => [ffmpeg.id, ffmpeg.workflow_name ?? '', ffmpeg.state ?? '', String(streamName(ffmpeg)), ffmpeg.error ?? ''],
    columns: [
      {
        title: 'Workflow', heading: true, value: (f) => f.workflow_name, cell: () => el('a'),
        update: (link, f) => { attribute(link, 'href', href('workflows', f.workflow_name ?? '')); text(link, f.workflow_name ?? '–'); },
      },
      {
        title: 'Stream', value: streamName, cell: () => el('a'),
        update: (link, f) => { text(link, streamName(f)); attribute(link, 'href', store.streams.has(f.stream_id) ? href('streams', f.stream_id) : null); },
      },
      {
        title: 'State', value: (f) => f.state, cell: () => badge(''),
        update: (node, f) => { text(node, f.state ?? '–'); attribute(node, 'data-tone', toneOf(f)); },
      },
      { title: 'Speed', number: true, value: (f) => f.speed, text: (f) => (f.speed ? `${decimal(f.speed, 2)} ×` : '–') },
      { title: 'fps', number: true, wide: true, value: (f) => f.frames_per_second, text: (f) => decimal(f.frames_per_second, 1) },
      { title: 'Bit rate', number: true, wide: true, descending: true, value: (f) => f.bits_per_second, text: (f) => bitRate(f.bits_per_second) },
      { title: 'Written', number: true, descending: true, value: (f) => f.out_time_seconds, text: (f) => duration(f.out_time_seconds) },
      { title: 'Restarts', number: true, wide: true, descending: true, value: (f) => f.restarts, text: (f) => count(f.restarts) },
      { title: 'Process', number: true, wide: true, value: (f) => f.pid, text: (f) => f.pid || '–' },
      { title: 'Error', long: true, value: (f) => f.error, text: (f) => f.error || '' },
    ],
  });
  life.poll(async (signal) => list.show(await api.get('ffmpegs', signal)), 2000);
  return { title: 'ffmpeg', node: el('div', {}, head('ffmpeg', list.filter), el('div', { class: 'panel' }, list.node)), close: life.close };
}
