import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calm } from '../page/js/calm.js';

test('what is asked for often is done seldom, and once more for what came meanwhile', async () => {
  let done = 0;
  const steps = []; // ends of works and rests that wait
  const next = () => { steps.shift()(); return new Promise(setImmediate); };
  const wait = () => new Promise((resolve) => { steps.push(resolve); });
  const ask = calm(() => { done++; return wait(); }, wait);
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
