// The format of server-sent events (WHATWG HTML, section 9.2), read from chunks that end anywhere.

/** @typedef {{name: string, data: string, id: string}} ServerEvent */

/** Puts events together from chunks of text. */
export class EventParser {
  constructor() {
    this.rest = '';
    this.id = '';
    this.begin();
  }

  begin() {
    this.name = '';
    this.data = [];
  }

  /**
   * Takes a chunk and returns the events that it completes.
   * @param {string} chunk
   * @returns {ServerEvent[]}
   */
  feed(chunk) {
    const events = [];
    const lines = (this.rest + chunk).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop();
    for (const line of lines) {
      const event = this.line(line);
      if (event) events.push(event);
    }
    return events;
  }

  line(line) {
    if (line === '') {
      const event = this.data.length > 0 ? { name: this.name || 'message', data: this.data.join('\n'), id: this.id } : null;
      this.begin();
      return event;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return null; // a comment, which keeps the connection alive
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.name = value;
    if (field === 'data') this.data.push(value);
    if (field === 'id' && !value.includes('\0')) this.id = value;
    return null;
  }
}
