// A field for definitions: lines with numbers, and marks where mistakes are.

import { attribute, el, keyed } from './dom.js';

/**
 * The place of a line and column in a text, both counted from 1, columns in characters.
 * @param {string} words
 */
export function offsetOf(words, line, column) {
  const lines = words.split('\n');
  const before = lines.slice(0, Math.max(0, line - 1)).reduce((sum, one) => sum + one.length + 1, 0);
  const characters = [...(lines[line - 1] ?? '')].slice(0, Math.max(0, column - 1));
  return Math.min(words.length, before + characters.join('').length);
}

/**
 * Adds a line as the last step of the first workflow of a text.
 * @param {string} words
 * @param {string} line
 */
export function addStep(words, line) {
  const lines = words.split('\n');
  const end = lines.findIndex((one) => one.trim() === '}');
  if (end < 0) return words;
  return [...lines.slice(0, end), `    ${line}`, ...lines.slice(end)].join('\n');
}

/** The name of the first workflow of a text, or "". */
export function workflowName(words) {
  const found = /^\s*workflow\s+(?:"([^"\n]*)"|([^\s{"]+))/im.exec(words);
  return found?.[1] ?? found?.[2] ?? '';
}

/**
 * @param {(words: string) => void} changed
 * @returns {{node: HTMLElement, area: HTMLTextAreaElement, set: (words: string) => void, mark: (lines: Set<number>) => void, goTo: (line: number, column: number) => void}}
 */
export function editor(changed) {
  const area = el('textarea', { id: 'definition', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', wrap: 'off', rows: '12', 'aria-describedby': 'definition-note' });
  const numbers = el('ol', { class: 'lines', 'aria-hidden': 'true' });
  let wrong = new Set();

  const number = () => {
    const lines = Array.from({ length: area.value.split('\n').length }, (_, i) => i + 1);
    keyed(numbers, lines, String, (line) => el('li', {}, String(line)), (node, line) => attribute(node, 'data-wrong', wrong.has(line) ? 'true' : null));
  };
  // Tab leaves the field, as everywhere: who types with a keyboard only must not be caught in it.
  area.addEventListener('input', () => { number(); changed(area.value); });
  area.addEventListener('scroll', () => { numbers.scrollTop = area.scrollTop; });
  return {
    node: el('div', { class: 'editor' }, numbers, area),
    area,
    set: (words) => { area.value = words; area.rows = Math.min(40, Math.max(12, words.split('\n').length + 2)); number(); },
    mark: (lines) => { wrong = lines; attribute(area, 'aria-invalid', lines.size > 0 ? 'true' : null); number(); },
    goTo: (line, column) => {
      const offset = offsetOf(area.value, line, column);
      area.focus();
      area.setSelectionRange(offset, offset);
    },
  };
}
