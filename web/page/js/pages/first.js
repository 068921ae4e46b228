// What somebody sees who has no stream yet: how to publish one.

import { el, replace } from '../dom.js';
import { copyable, panel } from '../page.js';

/** A panel that says where streams can be published to. */
export function firstStream(api, life) {
  const content = el('div', { class: 'empty' });
  const node = panel('No stream is live', content);
  load(api, life.signal).then((places) => replace(content, places.length > 0 ? invitation(places) : nowhere()), () => {});
  return node;
}

// The addresses that rtmp_receive steps take streams at, of the first workflows.
async function load(api, signal) {
  const places = [];
  for (const { name } of (await api.get('workflows', signal)).slice(0, 10)) {
    const { active_steps: steps = [] } = await api.get(`workflows/${encodeURIComponent(name)}`, signal);
    for (const step of steps) if (step.step_type === 'rtmp_receive') places.push(step.parameters);
  }
  return places;
}

function invitation([place]) {
  const tls = 'rtmps' in place;
  const port = Number(place.port ?? (tls ? 443 : 1935));
  const server = `${tls ? 'rtmps' : 'rtmp'}://${location.hostname}${port === (tls ? 443 : 1935) ? '' : `:${port}`}/${place.rtmp_app}`;
  const key = place.stream_key === '*' ? 'test' : place.stream_key;
  return [
    el('p', {}, 'A test picture by ffmpeg:'),
    copyable(`ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i sine -c:v libx264 -preset veryfast -tune zerolatency -g 60 -pix_fmt yuv420p -c:a aac -f flv ${server}/${key}`, 'the command'),
    el('p', {}, 'In OBS: Settings → Stream → Custom. Server:'),
    copyable(server, 'the server'),
    el('p', {}, place.stream_key === '*' ? 'The stream key is of your choice.' : `The stream key is ${key}.`),
  ];
}

function nowhere() {
  return el('p', {}, 'No workflow has a step that receives streams. ', el('a', { href: '#/new' }, 'Start one'));
}
