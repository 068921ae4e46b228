// Keeps the store up to date: lists when the page connects, events from then on.

import { sleep } from './backoff.js';
import { calm } from './calm.js';
import { Link } from './link.js';
import { Store } from './store.js';

// What a stream is made of is known when its first frames have come, which is after the event that it has begun.
const DESCRIBED_AFTER_MS = 1500;
// Between two looks at the list of all streams, for what no event tells, such as the size of the picture.
const LIST_EVERY_MS = 15_000;
// Between two looks at the list of all workflows, of which a reactor can start and end hundreds in a second.
const WORKFLOWS_PAUSE_MS = 1000;

/** Connects a store with the server. */
export class Sync {
  /**
   * @param {import('./api.js').Api} api
   * @param {Store} store
   * @param {(state: string, retryAt: number) => void} state hears how the connection is
   */
  constructor(api, store, state) {
    this.api = api;
    this.store = store;
    this.link = new Link(api, { opened: () => this.load(), event: (event) => this.take(event), state });
    this.listing = false;
    this.loadWorkflows = calm(() => this.listWorkflows(), () => sleep(WORKFLOWS_PAUSE_MS));
    this.undescribed = new Set();
    this.timer = null;
  }

  start() {
    this.link.run();
    setInterval(() => { if (!document.hidden) this.loadStreams(); }, LIST_EVERY_MS);
    document.addEventListener('visibilitychange', () => { if (!document.hidden) this.link.hurry(); });
  }

  /** Asks for everything that events only tell changes of. */
  load() {
    this.loadStreams();
    this.loadWorkflows();
    this.api.get('server').then((server) => this.store.setServer(server)).catch(() => {});
  }

  // One at a time: with thousands of streams the list takes a moment.
  async loadStreams() {
    if (this.listing) return;
    this.listing = true;
    try {
      this.store.setStreams(await this.api.get('streams'));
    } catch {
      // The link shows that the server cannot be reached, and loads again when it can.
    } finally {
      this.listing = false;
    }
  }

  async listWorkflows() {
    try {
      this.store.setWorkflows(await this.api.get('workflows'));
    } catch {
      // As above.
    }
  }

  take({ name, data }) {
    let body;
    try {
      body = JSON.parse(data);
    } catch {
      return; // one event that cannot be read is no reason to lose the others
    }
    if (Object.hasOwn(TAKE, name)) TAKE[name](this, body);
    else this.store.note('info', name.replaceAll('_', ' '), body);
  }

  /** Looks at a stream once more when its first frames have come. */
  describe(id) {
    this.undescribed.add(id);
    this.timer ??= setTimeout(() => {
      this.timer = null;
      const few = [...this.undescribed];
      this.undescribed.clear();
      if (few.length > 8) this.loadStreams();
      else for (const one of few) this.loadStream(one);
    }, DESCRIBED_AFTER_MS);
  }

  async loadStream(id) {
    try {
      this.store.setStream(await this.api.get(`streams/${encodeURIComponent(id)}`));
    } catch (error) {
      if (error.status === 404) this.store.removeStream(id);
    }
  }
}

const pathOf = (stream) => `${stream.rtmp_app ?? ''}/${stream.stream_key ?? ''}`;

// What events do that are more than a line of the log.
const TAKE = {
  figures: (sync, body) => sync.store.figures(body),
  log: (sync, { level, message, time, ...fields }) => sync.store.note(level, message, fields, time),

  stream_started: (sync, body) => {
    const stream = body.stream ?? body;
    sync.store.setStream(stream);
    sync.store.note('info', 'stream started', { stream: pathOf(stream), stream_id: stream.id, workflow_name: stream.workflow_name });
    sync.describe(stream.id);
  },
  stream_ended: (sync, { id, reason }) => {
    const stream = sync.store.streams.get(id);
    sync.store.note('info', 'stream ended', { stream: stream && pathOf(stream), stream_id: id, reason });
    sync.store.removeStream(id);
  },

  workflow_started: (sync, { name }) => { sync.store.note('info', 'workflow started', { workflow_name: name }); sync.loadWorkflows(); },
  workflow_ended: (sync, { name }) => { sync.store.note('info', 'workflow ended', { workflow_name: name }); sync.loadWorkflows(); },
  workflow_changed: (sync, { name, status }) => {
    sync.store.note(status === 'Running' ? 'info' : 'warn', 'workflow changed', { workflow_name: name, status });
    sync.store.setStatus(name, status);
  },

  // What was left out may have changed the lists.
  left_out: (sync, { event, count }) => {
    sync.store.note('info', 'events left out', { event, count });
    if (event.startsWith('workflow_')) sync.loadWorkflows();
    if (event.startsWith('stream_')) sync.loadStreams();
  },

  reactor_called: (sync, body) => sync.store.note('info', 'reactor asks about a stream', body),
  reactor_answered: (sync, { valid, ...fields }) => sync.store.note('info', valid ? 'reactor allows a stream' : 'reactor refuses a stream', fields),
  reactor_failed: (sync, { refresh, ...fields }) => sync.store.note('warn', refresh ? 'reactor has no new answer, the last one stays' : 'reactor has no answer', fields),
  reactor_workflow_started: (sync, body) => sync.store.note('info', 'workflow started for a stream', body),
  reactor_workflow_ended: (sync, body) => sync.store.note('info', 'workflow not needed for a stream any more', body),
};
