// What flows through a workflow, from what the server tells of streams and steps.

/**
 * @typedef {{streams: number, packets: number, bytes: number}} Passage what has gone into a step or come out of it
 * @typedef {{step_id: string, step_type: string, parameters: Object<string, ?string>, status: string, in: Passage, out: Passage, details?: object}} Step
 * @typedef {{bits: number, streams: number}} Flow
 */

const PERIOD_MS = 1000; // between two looks that make a rate: over less, single pictures would make it jump

/** The streams that come into a workflow or are shown by it. */
export function streamsOf(streams, name) {
  return streams.filter((stream) => stream.workflow_name === name || (stream.outputs ?? []).some((output) => output.workflow_name === name));
}

/** What leaves each step of a workflow. The server counts bytes; two looks at them make a rate. */
export class Flows {
  constructor() {
    this.at = -Infinity;
    this.bytes = new Map(); // by step id, at that time
    this.bits = new Map(); // per second, by step id
  }

  /**
   * Takes the steps as they are now.
   * @param {Step[]} steps
   * @param {number} now in milliseconds
   */
  look(steps, now) {
    if (now - this.at < PERIOD_MS) return;
    const seconds = (now - this.at) / 1000;
    const grown = ({ step_id: id, out }) => out.bytes - (this.bytes.get(id) ?? out.bytes); // less than 0 if the step has been made anew
    this.bits = new Map(steps.map((step) => [step.step_id, Math.max(0, grown(step)) * 8 / seconds]));
    this.bytes = new Map(steps.map((step) => [step.step_id, step.out.bytes]));
    this.at = now;
  }

  /**
   * The flow out of a step.
   * @param {Step} step
   * @returns {Flow}
   */
  of(step) {
    return { bits: this.bits.get(step.step_id) ?? 0, streams: step.out.streams };
  }
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
