// The connection that events come by. It reads them with fetch, since EventSource cannot send a token.

import { EventParser } from './sse.js';
import { sleep, wait } from './backoff.js';

// The server sends figures each second, and a comment at least every 15 s.
const SILENCE_MS = 20_000;

/** Keeps a stream of events open, and opens it again whenever it ends. */
export class Link {
  /**
   * @param {import('./api.js').Api} api
   * @param {{opened: () => void, event: (event: import('./sse.js').ServerEvent) => void, state: (state: string, retryAt: number, reason?: string) => void}} listener
   *   opened is called before the first event of each connection; state is "connecting", "live" or "waiting"
   */
  constructor(api, listener) {
    this.api = api;
    this.listener = listener;
    this.lastID = '';
    this.failures = 0;
    this.now = new AbortController(); // ends the pause between two attempts
  }

  /** Runs until the page is left. */
  async run() {
    for (;;) {
      this.listener.state('connecting', 0);
      let reason = 'Server is away';
      await this.follow().catch((error) => { if (error.status) reason = error.message; }); // whatever ended it, it is tried again
      const ms = wait(this.failures++) * 1000;
      this.listener.state('waiting', Date.now() + ms, reason);
      this.now = new AbortController();
      await sleep(ms, this.now.signal);
    }
  }

  /** Tries again at once. */
  hurry() {
    this.failures = 0;
    this.now.abort();
  }

  /** Follows one connection to its end. */
  async follow() {
    let silence = new AbortController();
    let timer;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
    };
    const attempt = () => {
      silence = new AbortController();
      alive();
      return silence.signal;
    };
    try {
      const headers = { Accept: 'text/event-stream' };
      if (this.lastID) headers['Last-Event-ID'] = this.lastID;
      const response = await this.api.request('GET', 'events', { headers, attempt });
      this.listener.opened();
      this.listener.state('live', 0);
      await this.read(response.body.pipeThrough(new TextDecoderStream()).getReader(), alive);
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }

  async read(reader, alive) {
    const parser = new EventParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      this.failures = 0;
      for (const event of parser.feed(value)) {
        this.lastID = event.id || this.lastID;
        this.listener.event(event);
      }
    }
  }
}
