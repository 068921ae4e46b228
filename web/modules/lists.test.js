import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wait } from '../page/js/backoff.js';
import { niceEnd } from '../page/js/chart.js';
import { Ring, Series } from '../page/js/ring.js';
import { href, parse } from '../page/js/router.js';
import { compare, matches, pageOf } from '../page/js/rows.js';

test('a ring keeps the newest', () => {
  const ring = new Ring(3);
  for (let i = 0; i < 100; i++) {
    ring.push(i);
    assert.deepEqual(ring.list(), [i - 2, i - 1, i].filter((n) => n >= 0));
    assert.ok(ring.items.length < 6);
  }
});

test('a series is read backwards', () => {
  const series = new Series(4);
  assert.equal(series.max(), 0);
  for (const value of [9, 1, 2, undefined, 4]) series.push(value);
  assert.deepEqual([0, 1, 2, 3].map((steps) => series.ago(steps)), [4, 0, 2, 1]);
  assert.equal(series.max(), 4);
  assert.equal(series.size, 4);
});

test('sorting puts what is not known last', () => {
  const sorted = (list, descending) => list.slice().sort((a, b) => compare(a, b, descending));
  assert.deepEqual(sorted([3, NaN, 1, null, 2], false), [1, 2, 3, NaN, null]);
  assert.deepEqual(sorted([3, NaN, 1, null, 2], true), [3, 2, 1, NaN, null]);
  assert.deepEqual(sorted(['cam10', 'cam2', 'Cam1'], false), ['Cam1', 'cam2', 'cam10']);
});

test('every word of a filter has to be somewhere', () => {
  assert.ok(matches(['live/Cam1', 'H.264'], 'cam1 h.2'));
  assert.ok(!matches(['live/Cam1', 'H.264'], 'cam1 hevc'));
  assert.ok(matches(['x'], ''));
});

test('pages of a list', () => {
  assert.deepEqual(pageOf([1, 2, 3, 4, 5], 1, 2), { rows: [3, 4], page: 1, pages: 3 });
  assert.deepEqual(pageOf([1, 2, 3, 4, 5], 99, 2), { rows: [5], page: 2, pages: 3 });
  assert.deepEqual(pageOf([], 3, 2), { rows: [], page: 0, pages: 1 });
});

test('routes may have anything in them', () => {
  for (const name of ['late show', 'a/b', '100%', '<b>', '?x=1#y', 'ä']) {
    assert.deepEqual(parse(href('workflows', name)).parts, ['workflows', name]);
  }
  assert.deepEqual(parse('').parts, []);
  assert.deepEqual(parse('#/workflows/100%').parts, ['workflows', '100%']);
  assert.equal(parse('#/edit/a?add=x%20y').query.get('add'), 'x y');
});

test('attempts become rarer', () => {
  const waits = [0, 1, 2, 3, 10, 1000].map((failures) => wait(failures, () => 1));
  assert.deepEqual(waits, [0.5, 1, 2, 4, 15, 15]);
  assert.equal(wait(1, () => 0), 0.75);
});

test('scales end at round numbers', () => {
  for (const [max, want] of [[0, 1], [0.9, 1], [1, 1], [1.1, 2], [2.1, 2.5], [4.9e6, 5e6], [5.1e6, 1e7], [100, 100]]) assert.equal(niceEnd(max), want);
  assert.equal(niceEnd(3, 10), 10);
});
