import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Link } from '../page/js/link.js';
import { serial } from '../page/js/serial.js';
import { Store } from '../page/js/store.js';
import { Sync } from '../page/js/sync.js';

test('one question at a time, and one more for those who came meanwhile', async () => {
  const asked = [];
  const ask = serial(() => new Promise((resolve, reject) => asked.push({ resolve, reject })));
  const done = ask();
  ask();
  ask();
  assert.equal(asked.length, 1);
  asked[0].reject(new Error('the server is away'));
  await new Promise(setImmediate);
  assert.equal(asked.length, 2);
  asked[1].resolve();
  await done;
  assert.equal(asked.length, 2);
  ask();
  assert.equal(asked.length, 3);
});

test('who takes long to find the token is connected all the same', async (t) => {
  const timers = [];
  t.mock.method(globalThis, 'setTimeout', (f) => timers.push(f));
  t.mock.method(globalThis, 'clearTimeout', () => {});
  const said = [];
  const api = {
    request: async (method, path, { attempt }) => {
      attempt();
      timers.at(-1)(); // the time of the first attempt is over while the user looks for the token
      const signal = attempt();
      assert.equal(signal.aborted, false);
      const body = new ReadableStream({
        start: (controller) => {
          controller.enqueue(new TextEncoder().encode('event: log\nid: 5\ndata: {}\n\n'));
          controller.close();
        },
      });
      return { body };
    },
  };
  const link = new Link(api, { opened: () => said.push('opened'), state: (state) => said.push(state), event: ({ name }) => said.push(name) });
  await link.follow();
  assert.deepEqual(said, ['opened', 'live', 'log']);
  assert.equal(link.lastID, '5');
});

const synced = () => {
  const store = new Store();
  const sync = new Sync({ get: async () => [] }, store, () => {});
  return { store, take: (name, body) => sync.take({ name, data: JSON.stringify(body) }) };
};

test('an update that was given up is a warning', () => {
  const { store, take } = synced();
  take('workflow_changed', { name: 'live', status: 'Running' });
  take('workflow_changed', { name: 'live', status: 'Running', update_error: 'Step id 9 failed: no' });
  take('workflow_changed', { name: 'live', status: 'Step id 9 failed: no' });
  assert.deepEqual(store.log().map((line) => line.level), ['info', 'warn', 'warn']);
  assert.equal(store.log()[1].fields.update_error, 'Step id 9 failed: no');
});

test('streams grow older between two looks at the list', (t) => {
  const { store, take } = synced();
  let now = 100_000;
  t.mock.method(Date, 'now', () => now);
  take('stream_started', { id: '1', seconds: 2 });
  now = 107_000;
  take('figures', { streams: [{ id: '1', bits_per_second: 1, frames_per_second: 25, viewers: 0, skips: 0 }] });
  assert.equal(store.streams.get('1').seconds, 9);
});

test('events that cannot be read are no reason to lose others', () => {
  const { store, take } = synced();
  take('log', null);
  take('viewer_started', { stream_key: 'cam' });
  assert.deepEqual(store.log().map((line) => line.message), ['viewer started']);
});

test('what is asked for often is done seldom, and once more for what came meanwhile', async () => {
  let done = 0;
  const steps = []; // ends of works and rests that wait
  const next = () => { steps.shift()(); return new Promise(setImmediate); };
  const wait = () => new Promise((resolve) => { steps.push(resolve); });
  const ask = serial(() => { done++; return wait(); }, wait);
  ask();
  assert.equal(done, 1, 'at once');
  for (let i = 0; i < 100; i++) ask();
  await next(); // the work ends
  ask();
  assert.equal(done, 1, 'it rests');
  await next();
  assert.equal(done, 2, 'once for all');
  await next();
  await next();
  assert.equal(done, 2, 'nobody has asked again');
  ask();
  assert.equal(done, 3);
});
