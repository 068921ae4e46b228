// A workflow as a picture: its steps as boxes, what flows as arrows.

import { attribute, el, keyed, svg, text } from './dom.js';
import { bitRate, count, decimal, plural } from './format.js';
import { allViewers, Flows, processesOf, receivedBy, streamsOf, toneOf, viewersOf } from './flows.js';
import { badge } from './page.js';
import { href } from './router.js';

const SHOWN_ELSEWHERE = ['target_workflow'];

/**
 * A list of steps as a picture.
 * @param {string} label for those who cannot see it
 * @param {boolean} pending the steps do not run yet
 * @returns {{node: HTMLElement, show: (steps: Array, streams: Array, flows: Flows) => void}}
 */
export function graph(label, pending) {
  const list = el('ol', { class: pending ? 'graph pending' : 'graph', 'aria-label': label });
  const show = (steps, streams, flows) => {
    const items = steps.map((step, i) => ({ key: step.step_id, step, flow: flows.of(step), streams, last: i === steps.length - 1, pending }));
    const viewers = allViewers(steps);
    if (!pending && steps.some((step) => viewersOf(step) !== null)) items.push({ key: 'viewers', viewers });
    keyed(list, items, (item) => item.key, makeItem, updateItem);
  };
  return { node: list, show };
}

function makeItem(item) {
  if (item.viewers !== undefined) return el('li', {}, el('div', { class: 'edge' }, el('div', {}, el('b'), el('span'))));
  const node = el('li', {}, el('div', { class: 'step' },
    el('div', { class: 'name' }, el('span', {}, item.step.step_type), badge('')),
    el('ul', { class: 'parameters' }),
    el('div', { class: 'said' })), arrow());
  return node;
}

function arrow() {
  return el('div', { class: 'arrow' }, el('span'), svg('svg', { viewBox: '0 0 80 12', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('path', { d: 'M4 6H68' }), svg('path', { class: 'tip', d: 'M68 1l9 5-9 5z' })), el('span', { class: 'faint' }));
}

function updateItem(node, item) {
  if (item.viewers !== undefined) {
    const [number, word] = node.querySelectorAll('b, span');
    text(number, count(item.viewers));
    text(word, item.viewers === 1 ? 'viewer' : 'viewers');
    return;
  }
  const [box, line] = node.children;
  updateStep(box, item);
  updateArrow(line, item, node.nextElementSibling === null && item.last && !hasViewers(item.step));
}

const hasViewers = (step) => viewersOf(step) !== null;

function updateArrow(line, { flow, last, pending, step }, none) {
  const [above, , below] = line.children;
  line.hidden = last && (none || pending || !hasViewers(step));
  attribute(line, 'data-flows', !pending && flow.bits > 0 ? 'true' : 'false');
  text(above, !pending && flow.bits > 0 ? bitRate(flow.bits) : '');
  text(below, !pending && flow.streams > 0 ? plural(flow.streams, 'stream') : '');
}

function updateStep(box, { step, streams, pending }) {
  const tone = colourOf(step);
  attribute(box, 'data-tone', tone);
  const state = box.querySelector('.badge');
  text(state, step.status.startsWith('Error') ? 'Error' : step.status);
  attribute(state, 'data-tone', tone);
  const parameters = Object.entries(step.parameters).filter(([name]) => !SHOWN_ELSEWHERE.includes(name));
  keyed(box.querySelector('.parameters'), parameters, ([name]) => name,
    ([name]) => el('li', {}, `${name} `, el('b')),
    (node, [, value]) => text(node.lastElementChild, value ?? ''));
  const words = pending && tone !== 'bad' ? [] : say(step, streams);
  keyed(box.querySelector('.said'), words, (word) => word.key,
    (word) => el('div', { class: word.bad ? 'said bad' : 'said' }, word.link ? el('a', { href: word.link }, word.text) : el('span')),
    (node, word) => text(node.firstElementChild, word.text));
}

// What there is to say of a step besides its parameters.
function say(step, streams) {
  const words = [];
  if (colourOf(step) === 'bad') words.push({ key: 'error', text: step.status.replace(/^Error: /, ''), bad: true });
  if (step.step_type === 'rtmp_receive' && colourOf(step) === 'good') words.push({ key: 'publishers', text: plural(streams.filter((stream) => receivedBy(step, stream)).length, 'publisher') });
  if (hasViewers(step)) words.push({ key: 'viewers', text: plural(viewersOf(step), 'viewer') });
  const target = step.parameters.target_workflow;
  if (target) words.push({ key: 'target', text: `→ ${target}`, link: href('workflows', target) });
  return words.concat(sayOfProcesses(processesOf(step)));
}

// A step has an ffmpeg for each stream: of many, what matters is how many, whether they keep up, and what is wrong.
function sayOfProcesses(processes) {
  const running = processes.filter((process) => !process.error);
  const failed = processes.filter((process) => process.error);
  const slowest = Math.min(...running.map((process) => process.speed));
  const words = [];
  if (running.length === 1) words.push({ key: 'ffmpeg', text: `ffmpeg: ${decimal(running[0].fps, 0)} fps, ${decimal(running[0].speed, 2)} ×` });
  if (running.length > 1) words.push({ key: 'ffmpegs', text: `${count(running.length)} ffmpegs, the slowest ${decimal(slowest, 2)} ×` });
  if (failed.length > 1) words.push({ key: 'failed', text: `${count(failed.length)} ffmpegs do not run:`, bad: true });
  if (failed.length > 0) words.push({ key: 'error of ffmpeg', text: failed[0].error, bad: true });
  return words;
}

// A step whose ffmpegs do not run is ready, and yet it needs to be looked at.
function colourOf(step) {
  const tone = toneOf(step.status);
  return tone === 'good' && processesOf(step).some((process) => process.error) ? 'warn' : tone;
}

/** Everything there is to see of a workflow's state: its steps, its error, its update that waits. */
export function workflowView(name, store) {
  const active = graph(`Steps of ${name}`, false);
  const waiting = graph(`Steps of the update of ${name}`, true);
  const failed = el('p', { class: 'note-box', 'data-tone': 'bad' });
  const update = el('p', { class: 'note-box', 'data-tone': 'warn' });
  const dropped = el('p', { class: 'note-box', 'data-tone': 'warn' });
  const none = el('p', { class: 'faint' }, 'This workflow has no steps.');
  const node = el('div', { class: 'stack' }, failed, active.node, none, dropped, update, waiting.node);
  const flows = new Flows();
  let details = null;
  let retryAt = 0;

  const draw = () => {
    if (!details) return;
    const left = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
    const again = details.retry_in_seconds > 0 ? (left > 0 ? ` It is tried again in ${left} s.` : ' It is being tried again.') : '';
    failed.hidden = details.status === 'Running';
    text(failed, details.status + '.' + again);
    update.hidden = details.pending_steps.length === 0;
    text(update, details.update_error ? `The update was given up; the steps above go on. ${details.update_error}.${again}` : 'An update waits until all its steps are ready:');
    waiting.node.hidden = details.pending_steps.length === 0;
    dropped.hidden = !(details.dropped_packets > 0);
    text(dropped, `This workflow could not keep up: ${count(details.dropped_packets)} packets were dropped.`);
    const streams = streamsOf([...store.streams.values()], name);
    none.hidden = details.active_steps.length > 0;
    active.show(details.active_steps, streams, flows);
    waiting.show(details.pending_steps, streams, flows);
  };
  const show = (next) => {
    details = next;
    flows.look(next.active_steps, performance.now());
    retryAt = Date.now() + (next.retry_in_seconds ?? 0) * 1000;
    draw();
  };
  return { node, show, draw };
}
