import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Edge } from '../page/js/edge.js';
import { BoxReader, concat, mimeOf, tracksOf } from '../page/js/mp4.js';

const ascii = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const number = (value) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
const box = (type, ...content) => {
  const body = concat([new Uint8Array(0), ...content]);
  return concat([number(body.length + 8), ascii(type), body]);
};
const zeros = (count) => new Uint8Array(count);
const track = (entry) => box('trak', box('tkhd', zeros(4)), box('mdia', box('minf', box('stbl', box('stsd', number(0), number(1), entry)))));
const video = (type, config) => track(box(type, zeros(78), config));
const audio = (type, ...config) => track(box(type, zeros(28), ...config));

test('boxes come whole, wherever the chunks end', () => {
  const stream = concat([box('ftyp', ascii('iso6')), box('moov', zeros(30)), box('moof', zeros(5)), box('mdat', zeros(0)), box('mdat', zeros(99))]);
  const large = concat([number(1), ascii('mdat'), number(0), number(20), zeros(4)]); // with a length of 64 bits
  const whole = concat([stream, large]);
  for (let cut = 0; cut <= whole.length; cut++) {
    const reader = new BoxReader();
    const boxes = [...reader.feed(whole.slice(0, cut)), ...reader.feed(whole.slice(cut))];
    assert.deepEqual(boxes.map((one) => `${one.type} ${one.bytes.length}`), ['ftyp 12', 'moov 38', 'moof 13', 'mdat 8', 'mdat 107', 'mdat 20']);
    assert.deepEqual(concat(boxes.map((one) => one.bytes)), whole);
  }
  const reader = new BoxReader();
  assert.equal([...whole].flatMap((byte) => reader.feed(Uint8Array.of(byte))).length, 6);
});

test('what is no MP4 is refused', () => {
  assert.throws(() => new BoxReader().feed(ascii('<html>....')), /no live MP4/);
  assert.throws(() => new BoxReader().feed(concat([number(4), ascii('moov')])), /no live MP4/);
});

test('codecs as RFC 6381 writes them', () => {
  const esds = box('esds', zeros(4), Uint8Array.of(0x03, 0x19, 0, 0, 0, 0x04, 0x11, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x05, 0x02, 0x12, 0x10, 0x06, 0x01, 0x02));
  const hevc = Uint8Array.of(1, 0x01, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93);
  const moov = (...tracks) => box('moov', box('mvhd', zeros(4)), ...tracks);
  const f = (want, ...tracks) => assert.equal(mimeOf(tracksOf(moov(...tracks))), want);
  f('video/mp4; codecs="avc1.64001f, mp4a.40.2"', video('avc1', box('avcC', Uint8Array.of(1, 0x64, 0, 0x1f))), audio('mp4a', esds));
  f('video/mp4; codecs="hvc1.1.6.L93.90"', video('hvc1', box('hvcC', hevc)));
  f('video/mp4; codecs="av01.0.08M.10, opus"', video('av01', box('av1C', Uint8Array.of(0x81, 0x08, 0x40, 0))), audio('Opus', box('dOps', zeros(11))));
  f('video/mp4; codecs="vp09.00.31.08, flac"', video('vp09', box('vpcC', zeros(4), Uint8Array.of(0, 31, 0x82, 1, 1, 1))), audio('fLaC'));
  f('audio/mp4; codecs="ac-3"', audio('ac-3'));
  assert.deepEqual(tracksOf(moov(video('xxxx', zeros(0)))), []);
  assert.deepEqual(tracksOf(moov(box('trak', zeros(3)))), [], 'cut short');
});

test('a player stays near the newest frame', () => {
  const edge = new Edge();
  assert.deepEqual(edge.steer(0, []), { delay: 0, rate: 1, seek: null });
  assert.equal(edge.steer(0, [[100, 102]]).seek, 101.65, 'it begins near the end');
  assert.equal(edge.steer(101.6, [[100, 102]]).rate, 1);
  assert.equal(edge.steer(101.3, [[100, 102]]).rate, 1.08, 'it hurries');
  assert.equal(edge.steer(101.5, [[100, 102]]).rate, 1.08, 'until it is there');
  assert.equal(edge.steer(101.65, [[100, 102]]).rate, 1);
  assert.equal(edge.steer(100.2, [[100, 102]]).seek, 101.65, 'it jumps when it is far behind');
  assert.equal(edge.steer(101, [[0, 101], [105, 106]]).seek, 105.65, 'it jumps over gaps');
});

test('a connection that stalls gets more in hand, within bounds', () => {
  const edge = new Edge();
  for (let i = 0; i < 100; i++) edge.stalled();
  assert.equal(edge.steer(0, [[0, 100]]).seek, 98.5);
});

test('what stalls have added is given back', () => {
  const edge = new Edge();
  for (let i = 0; i < 100; i++) edge.stalled();
  assert.equal(edge.steer(98.5, [[0, 100]]).rate, 1);
  for (let i = 0; i < 60; i++) edge.steer(98.5, [[0, 100]]); // 12 s
  assert.equal(edge.steer(98.5, [[0, 100]]).rate, 1.08, 'it comes nearer');
  for (let i = 0; i < 1000; i++) edge.steer(98.5, [[0, 100]]);
  assert.equal(edge.steer(0, [[0, 100]]).seek, 99.65, 'as near as in the beginning');
});
