// The picture of a stream: the player with its buttons, or why there is none.

import { attribute, el, replace, text } from './dom.js';
import { decimal } from './format.js';
import { playableOf, watchLine } from './outputs.js';
import { Player } from './player.js';
import { href } from './router.js';

/**
 * A place for the picture of a stream.
 * @param {import('./page.js').Life} life
 * @returns {{node: HTMLElement, offer: (stream: object) => void, close: () => void}} offer says which stream it is, as often as one likes
 */
export function screen(life) {
  const video = el('video', { playsinline: true, 'aria-label': 'Live picture' });
  video.muted = true;
  const curtain = el('div', { class: 'curtain' });
  const play = el('button', { type: 'button', click: () => (player ? stop() : start()) }, '▶ Play');
  const sound = el('button', { type: 'button', 'aria-pressed': 'false', click: () => mute(!video.muted) }, 'Sound');
  const full = el('button', { type: 'button', click: () => frame.requestFullscreen() }, 'Full screen');
  const delay = el('span', { class: 'badge' }, 'not playing');
  const said = el('span', { class: 'faint' });
  const frame = el('div', { class: 'screen' }, video, curtain);
  let stream = null;
  let player = null;
  let offered = '';

  const mute = (quiet) => {
    video.muted = quiet;
    attribute(sound, 'aria-pressed', String(!quiet));
  };
  const cover = (...content) => {
    curtain.hidden = content.length === 0;
    replace(curtain, ...content);
  };
  const start = () => {
    const url = playableOf(stream, location.hostname);
    player = new Player(video, url, changed);
    text(play, '■ Stop');
  };
  const stop = () => {
    player?.stop();
    player = null;
    text(play, '▶ Play');
    invite();
  };
  const changed = ({ name, message }) => {
    if (name === 'playing') cover();
    if (name === 'starting' && video.readyState === 0) cover(el('p', {}, 'Starting…'));
    if (name === 'waiting') cover(el('p', { role: 'status' }, message));
    if (name === 'failed') cover(el('p', { role: 'alert' }, message));
  };
  const invite = () => cover(el('button', { type: 'button', click: start }, '▶ Play here'));

  const offer = (next) => {
    stream = next;
    const url = playableOf(stream, location.hostname);
    const now = url?.href ?? '';
    if (now === offered && curtain.childNodes.length + Number(player !== null) > 0) return;
    offered = now;
    for (const button of [play, sound, full]) button.disabled = !url;
    if (player) return; // it comes back to its address by itself
    if (url) invite();
    else cover(...missing(stream));
  };

  const timer = setInterval(() => {
    if (!player) {
      text(delay, 'not playing');
      text(said, '');
      return;
    }
    text(delay, Number.isFinite(player.delay) ? `${player.delay.toFixed(1)} s behind` : 'starting');
    attribute(delay, 'data-tone', Number.isFinite(player.delay) ? (player.delay < 1 ? 'good' : 'warn') : null);
    const quality = video.getVideoPlaybackQuality();
    text(said, [video.videoWidth > 0 && `${video.videoWidth} × ${video.videoHeight}`, player.codecs, quality.droppedVideoFrames > 0 && `${decimal(quality.droppedVideoFrames, 0)} frames dropped`].filter(Boolean).join(' · '));
  }, 500);
  life.atEnd(() => clearInterval(timer));

  const node = el('div', { class: 'player' }, frame, el('div', { class: 'bar' }, play, sound, full, delay, said));
  return { node, offer, close: () => player?.stop() };
}

// What a workflow lacks whose streams browsers cannot see.
function missing(stream) {
  return [
    el('p', {}, 'No step shows this stream to browsers. This line in its workflow does:'),
    el('code', {}, watchLine(stream)),
    el('a', { class: 'button', href: href('edit', stream.workflow_name ?? '') + `?add=${encodeURIComponent(watchLine(stream))}` }, 'Add it'),
  ];
}
