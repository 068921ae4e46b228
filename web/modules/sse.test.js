import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventParser } from '../page/js/sse.js';

const STREAM = ': hello\n\nevent: figures\nid: 7\ndata: {"a":\ndata: 1}\n\ndata:plain\r\n\r\nevent: nothing\n\nretry: 5\nid: 8\ndata: last\n\n';
const EVENTS = [
  { name: 'figures', data: '{"a":\n1}', id: '7' },
  { name: 'message', data: 'plain', id: '7' },
  { name: 'message', data: 'last', id: '8' },
];

test('events come whole, wherever the chunks end', () => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    const parser = new EventParser();
    assert.deepEqual([...parser.feed(STREAM.slice(0, cut)), ...parser.feed(STREAM.slice(cut))], EVENTS, `cut at ${cut}`);
  }
  const parser = new EventParser();
  assert.deepEqual([...STREAM].flatMap((one) => parser.feed(one)), EVENTS);
});

test('an event that has not ended is none', () => {
  assert.deepEqual(new EventParser().feed('event: a\ndata: b\n'), []);
});
