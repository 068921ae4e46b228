// The token of the API. It lives as long as the browser's tab.

import { el } from './dom.js';

const KEPT = 'mmids-token';

/** Keeps the token and asks the user for it. */
export class Token {
  constructor() {
    this.asking = null;
  }

  get() {
    return sessionStorage.getItem(KEPT) ?? '';
  }

  /**
   * Asks for the token, once for all requests that wait for it.
   * @param {boolean} wrong the one that there is was refused
   * @returns {Promise<void>}
   */
  ask(wrong) {
    this.asking ??= show(wrong).then((token) => {
      sessionStorage.setItem(KEPT, token);
      this.asking = null;
    });
    return this.asking;
  }
}

function show(wrong) {
  return new Promise((resolve) => {
    const input = el('input', { id: 'token', type: 'password', autocomplete: 'current-password', required: true, 'aria-describedby': 'token-note', 'aria-invalid': wrong && 'true' });
    const dialog = el('dialog', { 'aria-labelledby': 'token-title', cancel: (event) => event.preventDefault() },
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
