// What the page knows of the server. Pages read it, and hear when a part of it has changed.

import { Ring, Series } from './ring.js';

export const HISTORY = 120; // seconds
const LOG_LINES = 500; // of each kind, so that who comes and goes pushes no error out

/**
 * The server's streams, figures and events. Dispatches "figures" each second, "streams" when streams come, go or are known
 * better, "workflows" when workflows come or go, "workflow" with the name of one that has another state, and "log".
 */
export class Store extends EventTarget {
  constructor() {
    super();
    this.server = null;
    this.streams = new Map(); // by id
    this.histories = new Map(); // by stream id: {bits, frames, viewers}
    this.workflows = []; // {name, status, …}
    this.serious = new Ring(LOG_LINES); // warnings and errors
    this.casual = new Ring(LOG_LINES); // everything else
    this.lines = 0; // of the log, ever
    this.troubles = 0; // errors that nobody has looked at
    this.history = { in: new Series(HISTORY), out: new Series(HISTORY), busy: new Series(HISTORY), viewers: new Series(HISTORY) };
  }

  changed(part, detail) {
    this.dispatchEvent(new CustomEvent(part, { detail }));
  }

  /** Takes the list of all streams, which replaces what was known. */
  setStreams(list) {
    this.streams = new Map(list.map((stream) => [stream.id, stream]));
    for (const id of this.histories.keys()) if (!this.streams.has(id)) this.histories.delete(id);
    this.changed('streams');
  }

  /** Takes what is known of one stream. */
  setStream(stream) {
    this.streams.set(stream.id, stream);
    this.changed('streams');
  }

  /** Forgets a stream. */
  removeStream(id) {
    this.histories.delete(id);
    if (this.streams.delete(id)) this.changed('streams');
  }

  setWorkflows(list) {
    this.workflows = list;
    this.changed('workflows');
  }

  /** Takes the new status of a workflow. */
  setStatus(name, status) {
    const known = this.workflows.find((workflow) => workflow.name === name);
    if (known) known.status = status;
    this.changed('workflow', name);
  }

  setServer(server) {
    this.server = server;
    this.changed('figures');
  }

  /** The newest rates of a stream. */
  historyOf(id) {
    let history = this.histories.get(id);
    if (!history) {
      history = { bits: new Series(HISTORY), frames: new Series(HISTORY), viewers: new Series(HISTORY) };
      this.histories.set(id, history);
    }
    return history;
  }

  /** Takes the figures that come each second. */
  figures({ server, streams = [] }) {
    for (const figure of streams) this.streamFigures(figure);
    if (server) {
      this.server = server;
      this.history.in.push(server.bits_per_second_in);
      this.history.out.push(server.bits_per_second_out);
      this.history.busy.push(busiest(server));
      this.history.viewers.push(server.viewers);
    }
    this.changed('figures');
  }

  streamFigures(figure) {
    const stream = this.streams.get(figure.id);
    if (!stream) return; // it has ended, or the list is on its way
    stream.bits_per_second = figure.bits_per_second;
    stream.viewers = figure.viewers;
    stream.skips = figure.skips;
    stream.seen = Date.now();
    if (stream.video) stream.video.frames_per_second = figure.frames_per_second;
    const history = this.historyOf(figure.id);
    history.bits.push(figure.bits_per_second);
    history.frames.push(figure.frames_per_second);
    history.viewers.push(figure.viewers);
  }

  /** Adds a line to the log: level, message and whatever else belongs to it. Without a time it is of now. */
  note(level, message, fields = {}, time = undefined) {
    const said = new Date(time ?? NaN);
    const line = { number: this.lines++, at: Number.isNaN(said.getTime()) ? new Date() : said, level, message, fields };
    (level === 'info' || level === 'debug' ? this.casual : this.serious).push(line);
    if (level === 'error') this.troubles++;
    this.changed('log');
  }

  /** The lines of the log that are kept, oldest first. */
  log() {
    return [...this.serious.list(), ...this.casual.list()].sort((a, b) => a.number - b.number);
  }

  clearLog() {
    this.serious.clear();
    this.casual.clear();
    this.sawTroubles();
  }

  /** Takes note that the user has seen the errors. */
  sawTroubles() {
    this.troubles = 0;
    this.changed('log');
  }
}

/** The share of its time that the busiest event loop works, 0 to 1. */
export function busiest(server) {
  return Math.max(0, ...(server?.loops ?? []).map((loop) => loop.busy_share));
}

/** How often viewers of a stream skipped, whichever form says so. */
export function skipsOf(stream) {
  return stream.skips ?? (stream.outputs ?? []).reduce((sum, output) => sum + (output.skips ?? 0), 0);
}
