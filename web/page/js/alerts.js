// Short messages about what the user did, which a screen reader says at once.

import { el } from './dom.js';

const SHOWN_MS = 7000;

/** Shows a message; tone is "good", "bad" or nothing. */
export function alert(words, tone) {
  const node = el('div', { class: 'alert', 'data-tone': tone }, words);
  document.getElementById('alerts').append(node);
  setTimeout(() => node.remove(), SHOWN_MS);
}
