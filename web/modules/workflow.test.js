import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addStep, offsetOf, workflowName } from '../page/js/editor.js';
import { allViewers, Flows, streamsOf, toneOf } from '../page/js/flows.js';
import { addressesOf, watchLine } from '../page/js/outputs.js';
import { lineOf, summaryOf } from '../page/js/plan.js';

const step = (type, parameters = {}, details = undefined) => ({ step_id: type, step_type: type, parameters, status: 'Active', details });
const stream = (app, key, extra = {}) => ({ id: key, rtmp_app: app, stream_key: key, port: 1935, workflow_name: app, outputs: [], ...extra });

test('streams of a workflow, and viewers of its steps', () => {
  const streams = [stream('live', 'a', { outputs: [{ workflow_name: 'small' }] }), stream('live', 'b'), stream('other', 'c')];
  assert.deepEqual(streamsOf(streams, 'live').map(({ stream_key: key }) => key), ['a', 'b']);
  assert.deepEqual(streamsOf(streams, 'small').map(({ stream_key: key }) => key), ['a'], 'others forward to it');
  assert.equal(allViewers([step('rtmp_watch', {}, { streams: [{ viewers: 2 }, { viewers: 3 }] }), step('ffmpeg_hls', {}, { processes: [] })]), 5);
});

test('rates are what has come out of steps between two looks', () => {
  const flows = new Flows();
  const looked = (now, ...steps) => {
    const all = steps.map(([id, streams, bytes]) => ({ step_id: id, out: { streams, bytes } }));
    flows.look(all, now);
    return all.map((one) => flows.of(one));
  };
  assert.deepEqual(looked(5000, ['a', 1, 100], ['b', 0, 0]), [{ bits: 0, streams: 1 }, { bits: 0, streams: 0 }], 'not known yet');
  assert.deepEqual(looked(5999, ['a', 2, 900], ['b', 0, 0]), [{ bits: 0, streams: 2 }, { bits: 0, streams: 0 }], 'too soon');
  assert.deepEqual(looked(7000, ['a', 2, 1100], ['b', 0, 0]), [{ bits: 4000, streams: 2 }, { bits: 0, streams: 0 }]);
  assert.deepEqual(looked(7010, ['a', 2, 9999], ['c', 1, 50]), [{ bits: 4000, streams: 2 }, { bits: 0, streams: 1 }], 'c is new');
  assert.deepEqual(looked(8000, ['a', 2, 30], ['c', 1, 150]), [{ bits: 0, streams: 2 }, { bits: 0, streams: 1 }], 'a has been made anew');
  assert.deepEqual(looked(9000, ['a', 2, 130], ['c', 1, 400]), [{ bits: 800, streams: 2 }, { bits: 2000, streams: 1 }]);
});

test('colours of states', () => {
  assert.deepEqual(['Active', 'Running', 'Created', 'Shut Down', 'Error: x', 'Step id 1 failed: x'].map(toneOf), ['good', 'good', 'warn', null, 'bad', 'bad']);
});

test('addresses to copy', () => {
  const f = (output, want, host = 'example.com') => assert.deepEqual(addressesOf({ rtmp_app: 'live', stream_key: 'a', use_tls: false, ...output }, host), want);
  f({ protocol: 'rtmp', port: 1935 }, ['rtmp://example.com/live/a']);
  f({ protocol: 'rtmp', port: 1936, use_tls: true }, ['rtmps://[::1]:1936/live/a'], '::1');
  f({ protocol: 'http', port: 8080, paths: ['/live/live/a.flv', '/live/live/a.mp4'] }, ['http://example.com:8080/live/live/a.flv', 'http://example.com:8080/live/live/a.mp4']);
  f({ protocol: 'http', port: 443, use_tls: true, paths: ['/x.mp4'] }, ['https://example.com/x.mp4']);
  assert.equal(watchLine({ rtmp_app: 'my app' }), 'http_watch app="my app" stream_key=*');
});

test('places in a text', () => {
  const words = 'workflow a {\n    öne x=1\n}\n';
  assert.equal(words.slice(offsetOf(words, 2, 5), offsetOf(words, 2, 8)), 'öne');
  assert.equal(offsetOf(words, 1, 1), 0);
  assert.equal(offsetOf(words, 99, 99), words.length);
  assert.equal('😀b'.slice(offsetOf('😀b', 1, 2)), 'b', 'columns are characters');
});

test('a step is added as the last one', () => {
  assert.equal(addStep('workflow a {\n    x\n}\n', 'y'), 'workflow a {\n    x\n    y\n}\n');
  assert.equal(addStep('nothing', 'y'), 'nothing');
  assert.equal(workflowName('# x\nWorkflow "late show" {'), 'late show');
  assert.equal(workflowName('workflow a{'), 'a');
  assert.equal(workflowName('settings {'), '');
});

test('plans in words', () => {
  assert.equal(lineOf({ step_type: 'x', parameters: { a: 'b', flag: null, text: 'a b' } }), 'x a=b flag text="a b"');
  const one = [{ step_type: 'x' }];
  assert.equal(summaryOf({ name: 'n', running: false, kept: [], started: one, stopped: [] }), 'Workflow n does not run yet. It starts with 1 step.');
  assert.equal(summaryOf({ name: 'n', running: true, kept: one, started: [], stopped: [] }), 'Nothing changes: this is what runs.');
  assert.equal(summaryOf({ name: 'n', running: true, kept: [], started: one, stopped: [...one, ...one] }), '1 step starts, 2 steps stop.');
});
