// All workflows with their steps.

import { el, keyed, text } from '../dom.js';
import { count } from '../format.js';
import { workflowView } from '../graph.js';
import { badge, head, Life, showStatus } from '../page.js';
import { href } from '../router.js';
import { compare, matches, pageOf } from '../rows.js';

const PAGE = 12; // each asks the server for its state

/** Shows all workflows. */
export function workflowsPage({ api, store }) {
  const life = new Life();
  const list = el('div', { class: 'workflow-list' });
  const nothing = el('p', { class: 'faint' });
  const where = el('span');
  const before = el('button', { type: 'button', class: 'small', click: () => turn(-1) }, '← Before');
  const after = el('button', { type: 'button', class: 'small', click: () => turn(1) }, 'Next →');
  const pager = el('div', { class: 'pager' }, where, before, after);
  const filter = el('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter workflows by name and status', input: () => turn(-Infinity) });
  const views = new Map(); // of the workflows that are shown
  let page = 0;

  const turn = (step) => {
    page = Math.max(0, page + step);
    show();
    again();
  };
  const show = () => {
    const found = store.workflows.filter(({ name, status }) => matches([name, status], filter.value.trim())).sort((a, b) => compare(a.name, b.name, false));
    const shown = pageOf(found, page, PAGE);
    const names = shown.rows.map(({ name }) => name);
    page = shown.page;
    keyed(list, shown.rows, ({ name }) => name, (workflow) => card(workflow, store, views));
    for (const name of views.keys()) if (!names.includes(name)) views.delete(name);
    nothing.hidden = found.length > 0;
    text(nothing, store.workflows.length === 0 ? 'There is no workflow.' : 'Nothing matches the filter.');
    pager.hidden = shown.pages < 2;
    text(where, `Page ${shown.page + 1} of ${shown.pages}, ${count(found.length)} workflows`);
    before.disabled = page === 0;
    after.disabled = page === shown.pages - 1;
  };
  show();
  const load = (signal) => Promise.all([...views].map(async ([name, view]) => {
    try {
      view.show(await api.get(`workflows/${encodeURIComponent(name)}`, signal));
    } catch (error) {
      if (error.status !== 404) throw error; // it has ended, and the list is about to say so
    }
  }));
  const again = life.poll(load, 2000);
  life.listen(store, 'workflows', () => { show(); again(); });
  life.listen(store, 'workflow', again);
  life.listen(store, 'figures', () => { for (const view of views.values()) view.draw(); });
  return {
    title: 'Workflows',
    node: el('div', {}, head('Workflows', filter, el('a', { class: 'button primary', href: '#/new' }, 'New workflow')), list, nothing, pager),
    close: life.close,
  };
}

function card({ name, status }, store, views) {
  const view = workflowView(name, store);
  const state = badge('');
  showStatus(state, status);
  views.set(name, {
    show: (details) => {
      view.show(details);
      showStatus(state, details.status);
    },
    draw: view.draw,
  });
  return el('section', { class: 'panel', 'aria-label': `Workflow ${name}` },
    el('div', { class: 'title' }, el('h2', {}, el('a', { class: 'name', href: href('workflows', name) }, name)), state), view.node);
}
