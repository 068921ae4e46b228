// Light and dark: what the system says, unless the user chose.

import { attribute, text } from './dom.js';
import { keep, kept } from './kept.js';

const KEPT = 'mmids-theme';
const NEXT = { system: 'light', light: 'dark', dark: 'system' };
const NAME = { system: '◐ System', light: '☀ Light', dark: '☾ Dark' };

/** Makes a button switch between the three. Dispatches "theme" on the document when the colours have changed. */
export function offerThemes(button) {
  let theme = kept('localStorage', KEPT);
  if (!(theme in NEXT)) theme = 'system';
  const show = () => {
    attribute(document.documentElement, 'data-theme', theme === 'system' ? null : theme);
    text(button, NAME[theme]);
    attribute(button, 'aria-label', `Colours: ${theme}. Change to ${NEXT[theme]}`);
    document.dispatchEvent(new Event('theme'));
  };
  button.addEventListener('click', () => {
    theme = NEXT[theme];
    keep('localStorage', KEPT, theme);
    show();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => document.dispatchEvent(new Event('theme')));
  show();
}
