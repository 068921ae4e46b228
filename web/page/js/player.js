// Plays a live MP4 in a video element: gives what comes to a media source, stays near the newest frame, and begins again when the
// stream ends and returns.

import { sleep, wait } from './backoff.js';
import { Edge } from './edge.js';
import { BoxReader, concat, mimeOf, tracksOf } from './mp4.js';

const STEER_MS = 200;
const SILENCE_MS = 3000; // without a byte before the user is told
const KEPT_SECONDS = 20; // of what has been played
const QUEUE_BYTES_MAX = 32 << 20; // what a browser may not have taken yet

/** A reason not to play that no further attempt can change. */
export class CannotPlay extends Error {}

/** Plays a stream. */
export class Player {
  /**
   * @param {HTMLVideoElement} video
   * @param {(signal: AbortSignal) => Promise<Response>} ask asks for the live MP4; it throws CannotPlay where asking again is of no use
   * @param {(state: {name: 'starting'|'playing'|'waiting'|'failed', message?: string}) => void} changed
   */
  constructor(video, ask, changed) {
    this.video = video;
    this.ask = ask;
    this.changed = changed;
    this.end = new AbortController();
    this.pause = new AbortController(); // between two attempts
    this.edge = new Edge();
    this.delay = NaN; // seconds behind the newest frame that has been received
    this.codecs = '';
    this.heardAt = 0; // when the last byte came
    video.addEventListener('waiting', () => { if (this.delay < 0.1) this.edge.stalled(); }, { signal: this.end.signal });
    video.addEventListener('playing', () => this.changed({ name: 'playing' }), { signal: this.end.signal });
    this.timer = setInterval(() => { this.steer(); this.listen(); }, STEER_MS);
    this.run();
  }

  /** Ends for good. */
  stop() {
    this.end.abort();
    clearInterval(this.timer);
    this.video.pause();
    this.video.removeAttribute('src');
    this.video.load();
  }

  /** Tries again at once, if it waits for the stream. */
  hurry() {
    this.pause.abort();
  }

  async run() {
    for (let failures = 0; !this.end.signal.aborted; failures++) {
      this.changed({ name: 'starting' });
      let why = 'The stream has ended. It goes on here when it returns.';
      try {
        if (await this.playOnce()) failures = -1;
      } catch (error) {
        if (this.end.signal.aborted) return;
        if (error instanceof CannotPlay) {
          this.changed({ name: 'failed', message: error.message });
          return;
        }
        why = error.message;
      }
      if (this.end.signal.aborted) return;
      this.heardAt = 0;
      this.changed({ name: 'waiting', message: why });
      this.pause = new AbortController();
      await sleep(wait(Math.max(0, failures)) * 1000, AbortSignal.any([this.pause.signal, this.end.signal]));
    }
  }

  /** Plays one connection to its end and reports whether a picture came. */
  async playOnce() {
    if (!globalThis.MediaSource) throw new CannotPlay('This browser cannot play what a page gives it (Media Source Extensions). Players such as VLC can.');
    const connection = new AbortController();
    const stop = () => connection.abort();
    this.end.signal.addEventListener('abort', stop, { once: true });
    try {
      const response = await this.ask(connection.signal);
      const source = await open(this.video);
      return await this.pump(response.body.getReader(), source);
    } finally {
      this.end.signal.removeEventListener('abort', stop);
      connection.abort();
    }
  }

  async pump(reader, source) {
    const boxes = new BoxReader();
    let buffer = null;
    let head = []; // ftyp, which belongs to the moov behind it
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        await buffer?.drained();
        return buffer !== null;
      }
      this.heardAt = Date.now();
      for (const box of boxes.feed(value)) {
        if (box.type === 'ftyp') {
          head = [box.bytes];
        } else if (box.type === 'moov') { // again when the publisher's settings change
          const mime = this.playable(box.bytes);
          buffer ??= new Buffer(source.addSourceBuffer(mime), this.video);
          buffer.begin(mime, concat([...head, box.bytes]));
          this.video.play().catch(() => {}); // it is stopped meanwhile
        } else {
          buffer?.append(box.bytes);
        }
      }
      if (buffer?.error) throw buffer.error;
    }
  }

  // The type of what comes, or the reason why this browser cannot play it.
  playable(moov) {
    const tracks = tracksOf(moov);
    if (tracks.length === 0) throw new CannotPlay('The stream has no codec that this page knows.');
    const mime = mimeOf(tracks);
    this.codecs = tracks.map((track) => track.codec).join(', ');
    const foreign = tracks.filter((track) => !MediaSource.isTypeSupported(`${track.kind}/mp4; codecs="${track.codec}"`));
    if (foreign.length > 0 || !MediaSource.isTypeSupported(mime)) {
      const names = (foreign.length > 0 ? foreign : tracks).map((track) => `${track.kind} ${track.codec}`).join(' and ');
      throw new CannotPlay(`This browser cannot play ${names}. Another browser may, and so do players such as ffplay and VLC.`);
    }
    return mime;
  }

  // A publisher whose network is gone says nothing for a while before the stream ends.
  listen() {
    if (this.heardAt === 0 || Date.now() - this.heardAt < SILENCE_MS) return;
    this.heardAt = 0;
    this.changed({ name: 'waiting', message: 'Nothing comes from the publisher at the moment.' });
  }

  steer() {
    const { video } = this;
    const ranges = Array.from({ length: video.buffered.length }, (_, i) => [video.buffered.start(i), video.buffered.end(i)]);
    const { delay, rate, seek } = this.edge.steer(video.currentTime, ranges);
    this.delay = ranges.length > 0 ? delay : NaN;
    if (video.paused || ranges.length === 0) return;
    if (seek !== null) video.currentTime = seek;
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }
}

// Gives the video element a new media source.
function open(video) {
  const source = new MediaSource();
  const address = URL.createObjectURL(source);
  return new Promise((resolve) => {
    source.addEventListener('sourceopen', () => {
      URL.revokeObjectURL(address);
      resolve(source);
    }, { once: true });
    video.src = address;
  });
}

/** Gives bytes to a source buffer, one after the other, and throws away what has been played. */
class Buffer {
  constructor(buffer, video) {
    this.buffer = buffer;
    this.video = video;
    this.queue = [];
    this.queued = 0;
    this.error = null;
    this.mime = null;
    buffer.addEventListener('updateend', () => this.work());
    buffer.addEventListener('error', () => { this.error = new Error('The browser cannot decode what comes.'); });
  }

  /** Takes what describes the tracks. It may come again when they change. */
  begin(mime, bytes) {
    const change = this.mime !== null && this.mime !== mime;
    this.mime = mime;
    this.queue.push({ bytes, change: change && mime });
    this.work();
  }

  append(bytes) {
    this.queued += bytes.length;
    if (this.queued > QUEUE_BYTES_MAX) this.error = new Error('The browser takes the stream too slowly.');
    const last = this.queue.at(-1);
    if (last?.pieces) last.pieces.push(bytes);
    else this.queue.push({ pieces: [bytes] });
    this.work();
  }

  work() {
    if (this.error) return;
    try {
      if (this.buffer.updating || this.forget()) return;
      const next = this.queue.shift();
      if (!next) return;
      if (next.change) this.buffer.changeType(next.change);
      const bytes = next.bytes ?? concat(next.pieces);
      if (next.pieces) this.queued -= bytes.length;
      this.buffer.appendBuffer(bytes);
    } catch (error) {
      this.error = error; // also when the player was stopped, which takes the buffer away
    }
  }

  // Reports whether it has begun to remove something.
  forget() {
    const { buffered } = this.buffer;
    const before = this.video.currentTime - KEPT_SECONDS;
    if (buffered.length === 0 || buffered.start(0) > before - KEPT_SECONDS) return false;
    this.buffer.remove(buffered.start(0), before);
    return true;
  }

  /** Resolves when everything has been given. */
  async drained() {
    while (!this.error && (this.queue.length > 0 || this.buffer.updating)) {
      await new Promise((resolve) => this.buffer.addEventListener('updateend', resolve, { once: true }));
    }
  }
}
