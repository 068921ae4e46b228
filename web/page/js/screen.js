// The picture of a stream: the player with its buttons, or why there is none.

import { attribute, el, replace, text } from './dom.js';
import { decimal } from './format.js';
import { CannotPlay, Player } from './player.js';

/**
 * A place for the picture of a stream.
 * @param {import('./api.js').Api} api
 * @param {import('./page.js').Life} life
 * @returns {{node: HTMLElement, offer: (id: string) => void}} offer says which stream it is; a stream that returns has another id
 */
export function screen(api, life) {
  const video = el('video', { playsinline: true, 'aria-label': 'Live picture' });
  video.muted = true;
  const curtain = el('div', { class: 'curtain' });
  const play = el('button', { type: 'button', click: () => (player ? stop() : start()) }, '▶ Play');
  const sound = el('button', { type: 'button', 'aria-pressed': 'false', click: () => mute(!video.muted) }, 'Sound');
  const full = el('button', { type: 'button', click: () => frame.requestFullscreen() }, 'Full screen');
  full.hidden = !document.fullscreenEnabled;
  const delay = el('span', { class: 'badge' }, 'not playing');
  const said = el('span', { class: 'faint' });
  const frame = el('div', { class: 'screen' }, video, curtain);
  let id = null;
  let player = null;
  let wanted = false; // also while there is no player, since the stream cannot be played as it is

  const mute = (quiet) => {
    video.muted = quiet;
    attribute(sound, 'aria-pressed', String(!quiet));
  };
  const cover = (...content) => {
    curtain.hidden = content.length === 0;
    replace(curtain, ...content);
  };
  const invite = () => cover(el('button', { type: 'button', click: start }, '▶ Play here'));
  const begin = () => {
    player = new Player(video, (signal) => preview(api, id, signal), changed);
    text(play, '■ Stop');
  };
  const end = () => {
    player.stop();
    player = null;
    text(play, '▶ Play');
  };
  const start = () => {
    wanted = true;
    begin();
    play.focus(); // the button in the picture goes away
  };
  const stop = () => {
    wanted = false;
    end();
    invite();
  };
  const changed = ({ name, message }) => {
    if (name === 'playing') cover();
    if (name === 'starting' && video.readyState === 0) cover(el('p', {}, 'Starting…'));
    if (name === 'waiting') cover(el('p', { role: 'status' }, message));
    if (name === 'failed') {
      end();
      cover(el('p', { role: 'alert' }, message));
    }
  };
  const offer = (next) => {
    if (next === id) return;
    id = next;
    if (player) player.hurry();
    else if (wanted) begin(); // it may have other codecs now
  };
  const show = () => {
    if (!player) {
      text(delay, 'not playing');
      attribute(delay, 'data-tone', null);
      text(said, '');
      return;
    }
    const known = Number.isFinite(player.delay);
    text(delay, known ? `${player.delay.toFixed(1)} s delay` : 'starting');
    attribute(delay, 'data-tone', known ? (player.delay < 1 ? 'good' : 'warn') : null);
    const dropped = video.getVideoPlaybackQuality().droppedVideoFrames;
    text(said, [video.videoWidth > 0 && `${video.videoWidth} × ${video.videoHeight}`, player.codecs, dropped > 0 && `${decimal(dropped, 0)} frames dropped`].filter(Boolean).join(' · '));
  };

  invite();
  const timer = setInterval(show, 500);
  life.atEnd(() => { clearInterval(timer); player?.stop(); });
  return { node: el('div', { class: 'player' }, frame, el('div', { class: 'bar' }, play, sound, full, delay, said)), offer };
}

// Asks for the picture, and tells what cannot change from what can.
async function preview(api, id, signal) {
  try {
    return await api.request('GET', `streams/${encodeURIComponent(id)}/preview.mp4`, { attempt: () => signal });
  } catch (error) {
    if (error.status === 404) throw new Error('The stream is not live. It plays here when it returns.');
    if (error.status === 415) throw new CannotPlay(`Browsers cannot play this stream: ${error.message}`);
    throw error.status ? new Error(`There is no picture: ${error.message}`) : error;
  }
}
