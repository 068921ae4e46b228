import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as format from '../page/js/format.js';

test('figures as people read them', () => {
  for (const [f, value, want] of [
    [format.bitRate, 0, '0 bit/s'], [format.bitRate, 999, '999 bit/s'], [format.bitRate, 2614000, '2.61 Mbit/s'], [format.bitRate, 128000, '128 kbit/s'], [format.bitRate, 2.5e13, '25.0 Tbit/s'], [format.bitRate, 3e16, '30000 Tbit/s'],
    [format.bytes, 1536, '1.50 KiB'], [format.bytes, 5 * 2 ** 40, '5.00 TiB'],
    [format.duration, 0, '0 s'], [format.duration, 59.9, '59 s'], [format.duration, 60, '1 min'], [format.duration, 3725, '1 h 2 min'], [format.duration, 273000, '3 d 3 h'], [format.duration, -1, '–'],
    [format.percent, 0, '0 %'], [format.percent, 0.042, '4.2 %'], [format.percent, 0.42, '42 %'],
    [format.count, 1234567, '1,234,567'], [format.decimal, 29.97, '30'], [format.milliseconds, 1.26, '1.3 ms'], [format.milliseconds, 1240, '1.2 s'],
  ]) assert.equal(f(value), want);
});

test('what is not known is a dash', () => {
  for (const f of [format.bitRate, format.bytes, format.duration, format.percent, format.count, format.decimal, format.milliseconds]) {
    for (const value of [undefined, null, NaN, Infinity, 'x']) assert.equal(f(value), '–');
  }
  assert.equal(format.size(0, 720), '–');
  assert.equal(format.plural(1, 'viewer'), '1 viewer');
  assert.equal(format.plural(0, 'viewer'), '0 viewers');
});
