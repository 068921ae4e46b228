// One stream: its picture, its figures, and where it can be watched.

import { attribute, el, keyed, text } from '../dom.js';
import { bitRate, bytes, count, decimal, duration, milliseconds, plural, size } from '../format.js';
import { chart } from '../chart.js';
import { addressesOf, watchLine } from '../outputs.js';
import { copyable, Life, panel } from '../page.js';
import { screen } from '../screen.js';
import { href } from '../router.js';
import { nameOf } from '../store.js';

/** Shows the stream with the id that is the first parameter. When its publisher returns, the page goes on with it. */
export function streamPage({ api, store }, [first]) {
  const life = new Life();
  let id = first;
  let now = store.streams.get(id) ?? null;
  const title = el('h1', { tabindex: '-1' }, now ? nameOf(now) : 'Stream');
  const ended = el('p', { class: 'note-box', 'data-tone': 'warn', role: 'status' });
  ended.hidden = true;
  const facts = el('dl', { class: 'facts' });
  const outputs = el('div', { class: 'stack' });
  const missing = el('div', { class: 'stack' });
  const picture = screen(api, life);
  const history = (which) => () => store.histories.get(id)?.[which];
  const charts = [
    chart({ label: 'Bit rate', low: true, format: bitRate, least: 1e5, lines: [{ name: 'received', colour: '--in', series: history('bits') }] }),
    chart({ label: 'Frames per second', low: true, format: (value) => decimal(value, 1), least: 10, lines: [{ name: 'fps', colour: '--in', series: history('frames') }] }),
    chart({ label: 'Viewers', low: true, format: (value) => decimal(value, 1), least: 4, lines: [{ name: 'viewers', colour: '--out', series: history('viewers') }] }),
  ];

  const show = () => {
    if (!now) return;
    text(title, nameOf(now));
    document.title = `${nameOf(now)} · mmids`;
    showFacts(facts, now);
    const list = now.outputs ?? [];
    keyed(outputs, list, (output) => [output.protocol, output.workflow_name, output.port, output.rtmp_app, output.stream_key].join('\n'), makeOutput, updateOutput);
    missing.hidden = list.some((output) => output.protocol === 'http');
    if (missing.childNodes.length === 0) missing.append(...invitation(now));
    picture.offer(id);
  };
  const draw = () => { for (const one of charts) one.draw(); };
  const figures = () => {
    draw();
    const figure = store.streams.get(id);
    if (!now || !figure) return;
    now = { ...now, bits_per_second: figure.bits_per_second, viewers: figure.viewers, seconds: figure.seconds };
    showFacts(facts, now);
  };
  // A publisher that returns makes a new stream. Its workflow, port and name tell that it is the same to whoever looks at this page.
  const goOn = () => {
    if (!now || store.streams.has(id)) return;
    const next = [...store.streams.values()].find((stream) => nameOf(stream) === nameOf(now) && stream.port === now.port && stream.workflow_name === now.workflow_name);
    ended.hidden = Boolean(next);
    text(ended, 'This stream has ended. The page goes on when it returns.');
    if (!next) return;
    id = next.id;
    now = next;
    window.history.replaceState(null, '', href('streams', id));
    show();
    again();
  };
  const load = async (signal) => {
    try {
      now = await api.get(`streams/${encodeURIComponent(id)}`, signal);
      ended.hidden = true;
      show();
    } catch (error) {
      if (error.status !== 404) throw error;
      if (now) return goOn();
      ended.hidden = false;
      text(ended, 'There is no such stream. It may have ended.');
    }
  };
  picture.offer(id);
  const again = life.poll(load, 2000);
  life.listen(store, 'figures', figures);
  life.listen(store, 'streams', goOn);
  life.listen(document, 'theme', draw);
  life.listen(window, 'resize', draw);

  return {
    title: now ? nameOf(now) : 'Stream',
    node: el('div', { class: 'stack' },
      el('div', { class: 'head' }, el('a', { class: 'back', href: '#/streams' }, '← All streams'), title), ended,
      el('div', { class: 'pair' }, el('section', { class: 'panel', 'aria-label': 'Preview' }, picture.node), panel('Stream', facts)),
      el('div', { class: 'trio' }, panel('Bit rate', charts[0].node), panel('Picture', charts[1].node), panel('Viewers', charts[2].node)),
      panel('Where it is shown', el('div', { class: 'stack' }, outputs, missing))),
    shown: () => { show(); draw(); },
    close: life.close,
  };
}

// What a workflow lacks whose streams cannot be watched by HTTP.
function invitation(stream) {
  const line = watchLine(stream);
  return [
    el('p', {}, el('b', {}, 'HTTP'), ' ', el('span', { class: 'faint' }, 'This page plays the stream, but no step shows it to other browsers and to players that speak HTTP. This line in the workflow does:')),
    copyable(line, 'the line'),
    el('p', {}, el('a', { href: `${href('edit', stream.workflow_name ?? '')}?add=${encodeURIComponent(line)}` }, 'Add it to the workflow')),
  ];
}

function showFacts(list, stream) {
  const { video, audio } = stream;
  const rows = [
    ['Workflow', stream.workflow_name, href('workflows', stream.workflow_name ?? '')],
    ['Live for', duration(stream.seconds)],
    ['Received', `${bitRate(stream.bits_per_second)}, ${bytes(stream.bytes)} in all`],
    video && ['Video', [video.codec, size(video.width, video.height), `${decimal(video.frames_per_second, 1)} fps`, bitRate(video.bits_per_second), video.tracks > 1 && `${video.tracks} tracks`].filter(Boolean).join(', ')],
    video && ['Key frames', video.key_frame_seconds ? `every ${decimal(video.key_frame_seconds, 2)} s` : '–'],
    audio && ['Audio', [audio.codec, audio.sample_rate && `${decimal(audio.sample_rate / 1000, 1)} kHz`, audio.channels && `${audio.channels} ch`, bitRate(audio.bits_per_second), audio.tracks > 1 && `${audio.tracks} tracks`].filter(Boolean).join(', ')],
    ['Viewers', count(stream.viewers)],
    stream.dropped > 0 && ['Left out', `${plural(stream.dropped, 'message')} of no media`],
    stream.encoder && ['Encoder', stream.encoder],
    stream.client && ['Client', stream.client],
    stream.remote_address && ['Publisher', stream.port > 0 ? `${stream.remote_address} on port ${stream.port}` : 'an ffmpeg of this server'],
    stream.connection_id && ['Connection id', stream.connection_id],
    ['Stream id', stream.id],
  ].filter(Boolean);
  keyed(list, rows, ([name]) => name,
    ([name, , link]) => el('div', { class: 'row' }, el('dt', {}, name), el('dd', {}, link ? el('a') : [])),
    (node, [, words, link]) => {
      const value = link ? node.lastElementChild.firstElementChild : node.lastElementChild;
      text(value, words ?? '–');
      if (link) attribute(value, 'href', link);
    });
}

function makeOutput(output) {
  return el('div', { class: 'stack' },
    el('p', {}, el('b', {}, output.protocol === 'http' ? 'HTTP' : 'RTMP'), ' ', el('span', { class: 'faint' })),
    addressesOf(output, location.hostname).map((address) => copyable(address, 'the address')));
}

function updateOutput(node, output) {
  const words = [
    `workflow ${output.workflow_name}`, plural(output.viewers, 'viewer'), `${bytes(output.bytes_sent)} sent`,
    output.skips > 0 && `${plural(output.skips, 'skip')} (${bytes(output.skipped_bytes)})`,
    output.flush_interval_ms > 0 && `news waits ${milliseconds(output.flush_interval_ms)}`,
    output.lag_ms > 0 && `the slowest is ${milliseconds(output.lag_ms)} behind`,
  ].filter(Boolean);
  text(node.querySelector('span'), words.join(' · '));
}

