// What every page has in common.

import { attribute, el, text } from './dom.js';
import { toneOf } from './flows.js';

/**
 * A page: its title, its content, and what ends with it.
 * @typedef {{title: string, node: HTMLElement, close: () => void}} Page
 */

/** Collects what has to end when a page is left. */
export class Life {
  constructor() {
    this.ends = [];
    this.controller = new AbortController();
  }

  /** The signal that is aborted at the end. */
  get signal() {
    return this.controller.signal;
  }

  /** Calls f at the end. */
  atEnd(f) {
    this.ends.push(f);
  }

  /** Listens to a target until the end. */
  listen(target, name, f) {
    target.addEventListener(name, f, { signal: this.signal });
  }

  /**
   * Calls f now and, so many milliseconds after it has ended, again. While nobody looks at the page it rests.
   * @returns {() => void} asks for a call at once
   */
  poll(f, ms) {
    let timer = null;
    let running = false;
    const run = async () => {
      clearTimeout(timer);
      if (running || this.signal.aborted) return;
      running = true;
      try {
        if (!document.hidden) await f(this.signal);
      } catch (error) {
        if (!this.signal.aborted) console.debug('polling', error); // the link in the bar at the top shows that the server is away
      }
      running = false;
      if (!this.signal.aborted) timer = setTimeout(run, ms);
    };
    this.atEnd(() => clearTimeout(timer));
    this.listen(document, 'visibilitychange', () => { if (!document.hidden) run(); });
    run();
    return run;
  }

  close = () => {
    this.controller.abort();
    for (const f of this.ends.splice(0)) f();
  };
}

/** The head of a page: its title, and tools beside it. */
export function head(title, ...tools) {
  return el('div', { class: 'head' }, el('h1', { tabindex: '-1' }, title), el('span', { class: 'grow' }), el('div', { class: 'tools' }, tools));
}

/** A panel with a heading. */
export function panel(title, ...children) {
  return el('section', { class: 'panel' }, el('div', { class: 'title' }, el('h2', {}, title)), children);
}

/** A small word with a colour: good, warn, bad, accent or none. */
export function badge(words, tone) {
  return el('span', { class: 'badge', 'data-tone': tone }, words);
}

/** Makes a badge say what the status of a workflow is. */
export function showStatus(node, status) {
  text(node, status === 'Running' ? 'Running' : 'Error');
  attribute(node, 'data-tone', toneOf(status));
}

/** An address or a command, with a button that copies it. */
export function copyable(words, label) {
  const button = el('button', { type: 'button', class: 'small', 'aria-label': `Copy ${label}` }, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(words);
      button.textContent = 'Copied';
    } catch {
      // Without HTTPS browsers may not offer the clipboard: then the text is selected, to be copied by hand.
      getSelection().selectAllChildren(code);
      button.textContent = 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  });
  const code = el('code', {}, words);
  return el('div', { class: 'copy' }, code, button);
}
