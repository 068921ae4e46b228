// What a definition would change, and what is wrong with it.

import { el } from './dom.js';
import { plural } from './format.js';
import { word } from './outputs.js';

/** A step as its line in a definition. */
export function lineOf(step) {
  const words = Object.entries(step.parameters ?? {}).map(([name, value]) => (value === null ? name : `${name}=${word(value)}`));
  return [step.step_type, ...words].join(' ');
}

const SIGNS = { kept: '= goes on', started: '+ starts', stopped: '− stops' };

/** The steps that would start, stop and go on. */
export function planList(plan) {
  const rows = ['started', 'stopped', 'kept'].flatMap((kind) => (plan[kind] ?? []).map((step) => ({ kind, step })));
  if (rows.length === 0) return el('p', { class: 'faint' }, 'This workflow has no steps.');
  return el('ul', { class: 'plan' }, rows.map(({ kind, step }) => el('li', { 'data-kind': kind }, el('span', { class: 'kind' }, SIGNS[kind]), el('code', {}, lineOf(step)))));
}

/** A plan in one sentence. */
export function summaryOf(plan) {
  if (!plan.running) return `Workflow ${plan.name} does not run yet. It starts with ${plural(plan.started.length, 'step')}.`;
  if (!plan.changes) return 'Nothing changes: this is what runs.';
  if (plan.started.length + plan.stopped.length === 0) return 'The same steps go on. Their order changes, or an update that waits ends.';
  const parts = [plan.started.length > 0 && `${plural(plan.started.length, 'step')} ${plan.started.length === 1 ? 'starts' : 'start'}`,
    plan.stopped.length > 0 && `${plural(plan.stopped.length, 'step')} ${plan.stopped.length === 1 ? 'stops' : 'stop'}`,
    plan.kept.length > 0 && `${plural(plan.kept.length, 'step')} ${plan.kept.length === 1 ? 'goes' : 'go'} on undisturbed`].filter(Boolean);
  return `${parts.join(', ')}.`;
}

/**
 * The mistakes of a definition; a button leads to the place of each.
 * @param {Array<{line: number, column: number, message: string, hint: string}>} mistakes
 * @param {(line: number, column: number) => void} goTo
 */
export function mistakeList(mistakes, goTo) {
  return el('ul', { class: 'mistakes' }, mistakes.map((mistake) => el('li', {},
    mistake.line > 0 && el('button', { type: 'button', class: 'small', 'aria-label': `Go to line ${mistake.line}, column ${mistake.column}`, click: () => goTo(mistake.line, mistake.column) }, `${mistake.line}:${mistake.column}`),
    mistake.message,
    mistake.hint && el('span', { class: 'hint' }, mistake.hint))));
}
