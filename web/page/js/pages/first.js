// What somebody sees who has no stream yet: how to publish one.

import { el, replace } from '../dom.js';
import { serverOf } from '../outputs.js';
import { copyable, panel } from '../page.js';

const LOOK_EVERY_MS = 10_000; // for what no event tells
const WORKFLOWS = 10; // that are asked for a place

/** A panel that says where streams can be published to, as long as the page lives. */
export function firstStream({ api, store }, life) {
  const content = el('div', { class: 'empty' });
  const node = panel('No stream is live', content);
  let shown = '';
  const again = life.poll(async (signal) => {
    if (node.hidden && shown !== '') return;
    const place = await firstPlace(api, signal);
    const now = JSON.stringify(place);
    if (now === shown) return; // somebody may be about to copy it
    shown = now;
    replace(content, place ? invitation(place) : nowhere());
  }, LOOK_EVERY_MS);
  life.listen(store, 'workflows', again);
  life.listen(store, 'workflow', again);
  return node;
}

// The parameters of the first step that streams can be published to, or null.
async function firstPlace(api, signal) {
  for (const { name } of (await api.get('workflows', signal)).slice(0, WORKFLOWS)) {
    const { active_steps: steps } = await api.get(`workflows/${encodeURIComponent(name)}`, signal);
    const receive = steps.find((step) => step.step_type === 'rtmp_receive');
    if (receive) return receive.parameters;
  }
  return null;
}

function invitation(place) {
  const tls = 'rtmps' in place;
  const server = serverOf({ use_tls: tls, port: Number(place.port ?? (tls ? 443 : 1935)), rtmp_app: place.rtmp_app }, location.hostname);
  const key = place.stream_key === '*' ? 'test' : place.stream_key;
  return [
    el('p', {}, 'A test picture by ffmpeg:'),
    copyable(`ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i sine -c:v libx264 -preset veryfast -tune zerolatency -g 60 -pix_fmt yuv420p -c:a aac -f flv ${shellWord(`${server}/${key}`)}`, 'the command'),
    el('p', {}, 'In OBS: Settings → Stream → Custom. Server:'),
    copyable(server, 'the server'),
    el('p', {}, place.stream_key === '*' ? 'The stream key is of your choice.' : `The stream key is ${key}.`),
  ];
}

// A word as shells read it.
function shellWord(word) {
  return /^[\w:/.[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function nowhere() {
  return el('p', {}, 'No workflow has a step that receives streams. ', el('a', { href: '#/new' }, 'Start one'));
}
