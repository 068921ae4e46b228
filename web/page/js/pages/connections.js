// Who is connected.

import { attribute, el, text } from '../dom.js';
import { bytes, count, duration } from '../format.js';
import { badge, head, Life } from '../page.js';
import { href } from '../router.js';
import { nameOf } from '../store.js';
import { table } from '../table.js';

const MOST = 1000;
const TONES = { publishing: 'accent', watching: 'good' };

// The names that the server's own ffmpegs use are not told: the stream tells what they work on.
function streamOf(connection, streams) {
  if (connection.stream_key) return nameOf(connection);
  const stream = streams.get(connection.stream_id);
  return stream ? `${nameOf(stream)} (ffmpeg)` : '–';
}

/** Shows all connections. */
export function connectionsPage({ api, store }) {
  const life = new Life();
  const nameOfStream = (connection) => streamOf(connection, store.streams);
  const list = table({
    caption: 'Connections', key: (connection) => connection.connection_id, empty: 'Nobody is connected.', sort: 1,
    words: (connection) => [connection.connection_id, connection.protocol ?? '', connection.remote_address ?? '', connection.client ?? '', connection.state ?? '', nameOfStream(connection)],
    columns: [
      { title: 'Address', heading: true, value: (c) => c.remote_address, text: (c) => c.remote_address ?? '–' },
      {
        title: 'State', value: (c) => c.state, cell: () => badge(''),
        update: (node, c) => { text(node, c.state ?? '–'); attribute(node, 'data-tone', TONES[c.state]); },
      },
      {
        title: 'Stream', value: nameOfStream, cell: () => el('a'),
        update: (link, c) => { text(link, nameOfStream(c)); attribute(link, 'href', store.streams.has(c.stream_id) ? href('streams', c.stream_id) : null); },
      },
      { title: 'Protocol', wide: true, value: (c) => c.protocol, text: (c) => c.protocol ?? '–' },
      { title: 'Port', number: true, wide: true, value: (c) => c.port, text: (c) => c.port ?? '–' },
      { title: 'Client', wide: true, long: true, value: (c) => c.client, text: (c) => c.client || '–' },
      { title: 'Received', number: true, wide: true, descending: true, value: (c) => c.bytes_received, text: (c) => bytes(c.bytes_received) },
      { title: 'Sent', number: true, descending: true, value: (c) => c.bytes_sent, text: (c) => bytes(c.bytes_sent) },
      { title: 'Skips', number: true, wide: true, descending: true, value: (c) => c.skips, text: (c) => count(c.skips) },
      { title: 'For', number: true, descending: true, value: (c) => c.seconds, text: (c) => duration(c.seconds) },
    ],
  });
  const note = el('p', { class: 'faint' });
  life.poll(async (signal) => {
    const connections = await api.get(`connections?limit=${MOST}`, signal);
    list.show(connections);
    const all = store.server?.connections ?? connections.length;
    text(note, connections.length >= MOST && all > connections.length ? `${count(connections.length)} of ${count(all)} connections are shown.` : '');
  }, 3000);
  return { title: 'Connections', node: el('div', {}, head('Connections', list.filter), el('div', { class: 'panel' }, note, list.node)), close: life.close };
}
