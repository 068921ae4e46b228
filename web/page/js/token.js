// The token of the API. It lives as long as the browser's tab.

import { el } from './dom.js';
import { keep, kept } from './kept.js';

const KEPT = 'mmids-token';

/** Keeps the token and asks the user for it. */
export class Token {
  constructor() {
    this.asking = null;
    this.token = kept('sessionStorage', KEPT) ?? '';
  }

  get() {
    return this.token;
  }

  /**
   * Asks for the token, once for all requests that wait for it.
   * @param {boolean} wrong the one that there is was refused
   * @returns {Promise<void>}
   */
  ask(wrong) {
    this.asking ??= show(wrong).then((token) => {
      this.token = token;
      keep('sessionStorage', KEPT, token);
      this.asking = null;
    });
    return this.asking;
  }
}

function show(wrong) {
  return new Promise((resolve) => {
    const input = el('input', { id: 'token', type: 'password', autocomplete: 'current-password', required: true, 'aria-describedby': 'token-note', 'aria-invalid': wrong && 'true' });
    // Escape closes it, at the second time whatever a page thinks of that. Without the token there is nothing to see.
    const dialog = el('dialog', { 'aria-labelledby': 'token-title', close: () => { if (dialog.isConnected) dialog.showModal(); } },
      el('form', {
        submit: (event) => {
          event.preventDefault();
          dialog.close();
          dialog.remove();
          resolve(input.value.replace(/[^!-~]/g, '')); // no token has anything else, and a header cannot
        },
      },
      el('h2', { id: 'token-title' }, 'This server asks for its token'),
      wrong && el('p', { class: 'note-box', 'data-tone': 'bad', role: 'alert' }, 'That token is not the right one.'),
      el('p', { id: 'token-note', class: 'faint' }, 'It stands in the configuration (http_api_token) or in the file that http_api_token_file names. This tab keeps it until it is closed.'),
      el('label', { for: 'token' }, 'Token'),
      input,
      el('div', { class: 'answers' }, el('button', { class: 'primary' }, 'Continue'))));
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
}
