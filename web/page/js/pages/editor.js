// Starting and changing workflows: the text, what is wrong with it, what it would change, and the button that does it.

import { confirm } from '../confirm.js';
import { el, replace, text } from '../dom.js';
import { addStep, editor, workflowName } from '../editor.js';
import { plural } from '../format.js';
import { Life, panel } from '../page.js';
import { mistakeList, planList, summaryOf } from '../plan.js';
import { href } from '../router.js';

const TYPING_MS = 350; // without a key before the server is asked

const TEMPLATE = `workflow new {
    rtmp_receive rtmp_app=new stream_key=*
    rtmp_watch   rtmp_app=new stream_key=*
}
`;

// What was written and not applied, by the name of the workflow, for those who look at another page meanwhile.
const drafts = new Map();

/** Shows the editor: of the workflow that is the first parameter, or of a new one. */
export function editorPage({ api, go, alert }, [name], query) {
  const life = new Life();
  const field = editor(() => later());
  const result = el('div', { class: 'stack', 'aria-live': 'polite' });
  const renamed = el('p', { class: 'note-box', 'data-tone': 'warn' });
  renamed.hidden = true;
  const apply = el('button', { type: 'button', class: 'primary', disabled: true, click: () => submit() }, name === undefined ? 'Start…' : 'Apply…');
  let plan = null; // of the text as it stands
  let timer = null;
  let asked = 0;
  let loaded = null; // the text that there is nothing to lose of
  const draft = el('p', { class: 'note-box' }, 'This is what you had written and not applied. ', el('button', { type: 'button', class: 'small', click: () => startOver() }, 'Start over'));
  draft.hidden = true;

  const later = () => {
    plan = null;
    apply.disabled = true;
    clearTimeout(timer);
    timer = setTimeout(look, TYPING_MS);
  };
  const look = async () => {
    const question = ++asked;
    const words = field.area.value;
    const found = workflowName(words);
    renamed.hidden = name === undefined || found === name || found === '';
    text(renamed, `The text names the workflow ${found}. ${name} stays as it is, and ${found} is started or changed.`);
    try {
      const answer = await api.plan(words);
      if (question !== asked) return;
      plan = answer;
      apply.disabled = !plan.changes;
      field.mark(new Set());
      replace(result, el('p', { class: 'note-box', 'data-tone': plan.changes ? 'good' : null }, summaryOf(plan)), planList(plan));
    } catch (error) {
      if (question === asked) refuse(error);
    }
  };
  const refuse = (error) => {
    const mistakes = error.answer?.mistakes ?? [];
    field.mark(new Set(mistakes.map((mistake) => mistake.line)));
    replace(result,
      el('p', { class: 'note-box', 'data-tone': 'bad' }, mistakes.length > 0 ? `${plural(mistakes.length, 'mistake')}. Nothing that runs is touched.` : error.message),
      mistakes.length > 0 && mistakeList(mistakes, field.goTo));
  };
  const submit = async () => {
    if (!plan) return;
    const words = field.area.value;
    const yes = await confirm({
      title: plan.running ? `Change workflow ${plan.name}?` : `Start workflow ${plan.name}?`,
      yes: plan.running ? 'Change it' : 'Start it',
      content: [el('p', {}, summaryOf(plan)), plan.stopped.length > 0 && el('p', {}, 'Clients of steps that stop are disconnected.'), planList(plan)],
    });
    if (!yes) return;
    try {
      await api.put(words);
      loaded = words;
      alert(plan.running ? `Workflow ${plan.name} is being changed.` : `Workflow ${plan.name} is started.`, 'good');
      go(href('workflows', plan.name));
    } catch (error) {
      refuse(error);
    }
  };
  const load = async () => {
    try {
      const words = name === undefined ? TEMPLATE : await api.text(`workflows/${encodeURIComponent(name)}/definition`);
      if (life.signal.aborted) return;
      loaded = words;
      draft.hidden = !drafts.has(name);
      const written = drafts.get(name) ?? words;
      const line = query.get('add');
      field.set(line && !written.includes(line) ? addStep(written, line) : written);
      look();
    } catch (error) {
      refuse(error.status === 404 ? new Error('There is no such workflow. It may have been stopped.') : error);
    }
  };
  const startOver = () => {
    drafts.delete(name);
    load();
  };
  life.atEnd(() => {
    clearTimeout(timer);
    asked++;
    if (loaded === null) return;
    if (field.area.value !== loaded) drafts.set(name, field.area.value);
    else drafts.delete(name);
  });
  load();

  return {
    title: name === undefined ? 'New workflow' : `Change ${name}`,
    node: el('div', { class: 'stack' },
      el('div', { class: 'head' },
        el('a', { class: 'back', href: name === undefined ? '#/workflows' : href('workflows', name) }, name === undefined ? '← All workflows' : `← ${name}`),
        el('h1', { tabindex: '-1' }, name === undefined ? 'New workflow' : `Change ${name}`), el('span', { class: 'grow' }), apply),
      el('div', { class: 'pair' },
        el('section', { class: 'panel' }, el('div', { class: 'title' }, el('h2', {}, el('label', { for: 'definition' }, 'Definition'))), renamed, draft, field.node,
          el('p', { id: 'definition-note', class: 'faint' }, 'Secrets are shown as … and stay as they are where that is left alone. Nothing is stored: after a restart the configuration file counts.')),
        panel('What would change', result))),
    close: life.close,
  };
}
