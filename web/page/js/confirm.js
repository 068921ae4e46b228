// Questions that have to be answered before something happens.

import { el } from './dom.js';

/**
 * Asks, and resolves to whether the answer is yes. Escape means no.
 * @param {{title: string, content: Array, yes: string, danger?: boolean}} question
 * @returns {Promise<boolean>}
 */
export function confirm({ title, content, yes, danger = false }) {
  return new Promise((resolve) => {
    let answer = false;
    const end = (value) => () => { answer = value; dialog.close(); };
    const no = el('button', { type: 'button', click: end(false) }, 'Cancel');
    const dialog = el('dialog', {
      'aria-labelledby': 'question',
      close: () => { dialog.remove(); resolve(answer); },
    },
    el('form', { submit: (event) => event.preventDefault() },
      el('h2', { id: 'question' }, title),
      content,
      el('div', { class: 'answers' }, no, el('button', { type: 'button', class: danger ? 'danger' : 'primary', click: end(true) }, yes))));
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  });
}
