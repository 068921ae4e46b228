// One workflow: its steps, its streams, and what can be done with it.

import { attribute, el, text } from '../dom.js';
import { streamsOf } from '../flows.js';
import { workflowView } from '../graph.js';
import { confirm } from '../confirm.js';
import { badge, Life, panel, showStatus } from '../page.js';
import { href } from '../router.js';
import { table } from '../table.js';
import { streamColumns, streamWords } from './streams.js';

/** Shows the workflow whose name is the first parameter. */
export function workflowPage({ api, store, go, alert }, [name]) {
  const life = new Life();
  const view = workflowView(name, store);
  const state = badge('…');
  const gone = el('p', { class: 'note-box', 'data-tone': 'warn', role: 'status' });
  gone.hidden = true;
  const edit = el('a', { class: 'button primary', href: href('edit', name) }, 'Change');
  const stop = el('button', { type: 'button', class: 'danger', click: () => end() }, 'Stop');
  const streams = table({ caption: `Streams of ${name}`, columns: streamColumns(store).filter((column) => column.title !== 'Workflow'), key: (stream) => stream.id, words: streamWords, empty: 'No stream runs through this workflow.' });

  const showStreams = () => streams.show(streamsOf([...store.streams.values()], name));
  const load = async (signal) => {
    try {
      const details = await api.get(`workflows/${encodeURIComponent(name)}`, signal);
      gone.hidden = true;
      view.node.hidden = false;
      showStatus(state, details.status);
      view.show(details);
    } catch (error) {
      if (error.status !== 404) throw error;
      gone.hidden = false;
      text(gone, 'There is no such workflow. It may have been stopped.');
      text(state, 'Stopped');
      attribute(state, 'data-tone', null);
      view.node.hidden = true;
    }
    stop.disabled = !gone.hidden;
  };
  const again = life.poll(load, 2000);
  const end = async () => {
    const viewers = streamsOf([...store.streams.values()], name).reduce((sum, stream) => sum + (stream.viewers ?? 0), 0);
    const yes = await confirm({
      title: `Stop workflow ${name}?`, yes: 'Stop it', danger: true,
      content: [el('p', {}, viewers > 0 ? `Its publishers and viewers are disconnected, ${viewers} viewers at present.` : 'Its publishers and viewers are disconnected.'),
        el('p', { class: 'faint' }, 'The configuration file is not changed: after a restart of the server the workflow is there again if the file has it.')],
    });
    if (!yes) return;
    try {
      await api.stop(name);
      alert(`Workflow ${name} is stopped.`, 'good');
      go('#/workflows');
    } catch (error) {
      alert(`Workflow ${name} cannot be stopped: ${error.message}`, 'bad');
    }
  };
  life.listen(store, 'workflow', (event) => { if (event.detail === name) again(); });
  life.listen(store, 'workflows', again);
  life.listen(store, 'figures', () => { view.draw(); showStreams(); });
  life.listen(store, 'streams', showStreams);
  return {
    title: name,
    node: el('div', { class: 'stack' },
      el('div', { class: 'head' }, el('a', { class: 'back', href: '#/workflows' }, '← All workflows'), el('h1', { tabindex: '-1' }, name), state, el('span', { class: 'grow' }), edit, stop),
      gone, panel('Steps', view.node), panel('Streams', streams.node)),
    shown: showStreams,
    close: life.close,
  };
}
