// What flows through a workflow, put together from what the server tells of streams and steps.

/**
 * @typedef {{step_id: string, step_type: string, parameters: Object<string, ?string>, status: string, details?: object}} Step
 * @typedef {{bits: number, streams: number}} Flow
 */

/** The streams that come into a workflow or are shown by it. */
export function streamsOf(streams, name) {
  return streams.filter((stream) => stream.workflow_name === name || (stream.outputs ?? []).some((output) => output.workflow_name === name));
}

/**
 * What leaves each step of a workflow, as far as it is known.
 * @param {Step[]} steps
 * @param {Array} streams of the workflow
 * @returns {Flow[]}
 */
export function flowsOf(steps, streams) {
  const receives = steps.some((step) => step.step_type === 'rtmp_receive');
  const outside = receives ? [] : streams; // from a forwarder of another workflow
  let flow = sum(outside);
  return steps.map((step) => {
    if (step.step_type === 'rtmp_receive') {
      const received = sum(streams.filter((stream) => receivedBy(step, stream)));
      flow = { bits: flow.bits + received.bits, streams: flow.streams + received.streams };
    } else if (step.step_type === 'ffmpeg_pull' || step.step_type === 'ffmpeg_transcode') {
      const made = processesOf(step).filter((process) => !process.error);
      const bits = made.reduce((all, process) => all + (process.kbps ?? 0) * 1000, 0);
      flow = step.step_type === 'ffmpeg_pull' ? { bits: flow.bits + bits, streams: flow.streams + made.length } : { bits, streams: flow.streams };
    }
    return flow;
  });
}

function sum(streams) {
  return { bits: streams.reduce((all, stream) => all + (stream.bits_per_second || 0), 0), streams: streams.length };
}

/** Whether a step of type rtmp_receive takes a stream. */
export function receivedBy(step, stream) {
  const { rtmp_app: app, stream_key: key, port } = step.parameters;
  return stream.rtmp_app === app && (key === '*' || stream.stream_key === key) && Number(port ?? stream.port) === stream.port;
}

/** The ffmpegs of a step. */
export function processesOf(step) {
  return step.details?.processes ?? [];
}

/** The viewers of a step that shows streams, or null for others. */
export function viewersOf(step) {
  const shown = step.details?.streams;
  if (!Array.isArray(shown)) return null;
  return shown.reduce((all, stream) => all + (stream.viewers ?? 0), 0);
}

/** The viewers of all steps. */
export function allViewers(steps) {
  return steps.reduce((all, step) => all + (viewersOf(step) ?? 0), 0);
}

/** The colour of a step's or a workflow's state. */
export function toneOf(status) {
  if (status === 'Active' || status === 'Running') return 'good';
  if (status === 'Created') return 'warn';
  if (status === 'Shut Down') return null;
  return 'bad';
}
