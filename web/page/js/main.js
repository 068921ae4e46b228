// The page begins here: what is around every page, and which page is shown.

import { Api } from './api.js';
import { alert } from './alerts.js';
import { el, text } from './dom.js';
import { Navigation } from './navigation.js';
import { head } from './page.js';
import { parse } from './router.js';
import { Store } from './store.js';
import { Sync } from './sync.js';
import { offerThemes } from './theme.js';
import { Token } from './token.js';
import { connectionsPage } from './pages/connections.js';
import { editorPage } from './pages/editor.js';
import { ffmpegsPage } from './pages/ffmpegs.js';
import { logPage } from './pages/log.js';
import { overviewPage } from './pages/overview.js';
import { reactorsPage } from './pages/reactors.js';
import { streamPage } from './pages/stream.js';
import { streamsPage } from './pages/streams.js';
import { workflowPage } from './pages/workflow.js';
import { workflowsPage } from './pages/workflows.js';

const PAGES = {
  '': () => overviewPage,
  streams: ([id]) => (id === undefined ? streamsPage : streamPage),
  workflows: ([name]) => (name === undefined ? workflowsPage : workflowPage),
  edit: () => editorPage,
  new: () => editorPage,
  connections: () => connectionsPage,
  reactors: () => reactorsPage,
  ffmpegs: () => ffmpegsPage,
  log: () => logPage,
};

const main = document.getElementById('main');
const store = new Store();
const api = new Api(new URL('../', document.baseURI), new Token());
const navigation = new Navigation(document.getElementById('pages'), store);
let current = null;

function show() {
  const { parts: [name = '', ...rest], query } = parse(location.hash);
  const first = current === null;
  current?.close();
  const page = (Object.hasOwn(PAGES, name) ? PAGES[name](rest) : unknownPage)({ api, store, go: (hash) => { location.hash = hash; }, alert }, rest, query);
  current = page;
  document.title = page.title === 'Overview' ? 'mmids' : `${page.title} · mmids`;
  main.replaceChildren(page.node);
  page.shown?.();
  navigation.select(name);
  if (first) return; // the browser is at the beginning of the page anyway
  scrollTo(0, 0);
  main.querySelector('h1')?.focus({ preventScroll: true });
}

function unknownPage() {
  const node = el('div', {}, head('Not found'), el('p', {}, 'There is no such page. ', el('a', { href: '#/' }, 'Back to the overview')));
  return { title: 'Not found', node, close() {} };
}

// The lamp at the top: whether what the page shows is live.
function showLink() {
  const node = document.getElementById('link');
  const words = document.getElementById('link-text');
  let retryAt = 0;
  let reason = '';
  setInterval(() => {
    if (node.dataset.state === 'waiting') text(words, `${reason}, next attempt in ${Math.max(0, Math.ceil((retryAt - Date.now()) / 1000))} s`);
  }, 500);
  let wasAway = false;
  return (state, at, why) => {
    retryAt = at;
    reason = why ?? reason;
    if (state === 'connecting' && node.dataset.state === 'waiting') return; // no flicker between attempts
    node.dataset.state = state;
    text(words, state === 'live' ? 'Live' : state === 'waiting' ? reason : 'Connecting…');
    if (state === 'waiting' && !wasAway) alert(`${reason}. What is shown is what was known last.`, 'bad');
    if (state === 'live' && wasAway) alert('Connected again.', 'good');
    wasAway = state === 'waiting' || (wasAway && state !== 'live');
  };
}

// The version of the server. Another one may come while the page is open, which then is a page of the old one.
function showVersion() {
  const node = document.getElementById('version');
  let own = null;
  return () => {
    const now = store.server?.version;
    if (!now) return;
    own ??= now;
    text(node, now === own ? now : `${now} – this page is of ${own}, load it anew`);
  };
}

offerThemes(document.getElementById('theme'));
store.addEventListener('figures', showVersion());
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault(); // the fragment is the route
  main.focus();
});
addEventListener('hashchange', show);
show();
new Sync(api, store, showLink()).start();
