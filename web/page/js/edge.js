// How a player stays near the newest frame without the user seeing that it does.

const BEHIND = 0.35; // seconds that are kept in hand, so that a frame that comes late is no stall
const BEHIND_MAX = 1.5;
const GIVEN_BACK = 0.004; // of what stalls have added, at each look: 20 ms in a second
const FAR = 1; // beyond this it jumps instead of hurrying
const HURRY = 1.08; // faster speech is hardly noticed

/** Decides speed and jumps of a player, from what it has received. */
export class Edge {
  constructor() {
    this.target = BEHIND;
    this.hurrying = false;
  }

  /** Is told that the picture stood still for want of frames: such a connection needs more in hand. */
  stalled() {
    this.target = Math.min(BEHIND_MAX, this.target + 0.2);
  }

  /**
   * Says what to do now.
   * @param {number} time where the player is
   * @param {Array<[number, number]>} ranges what has been received, ascending
   * @returns {{delay: number, rate: number, seek: ?number}} delay in seconds behind the newest frame
   */
  steer(time, ranges) {
    if (ranges.length === 0) return { delay: 0, rate: 1, seek: null };
    const { target } = this;
    this.target = Math.max(BEHIND, target - GIVEN_BACK); // a hiccup of an hour ago is no reason to be late
    const [start, end] = ranges.at(-1);
    const delay = end - time;
    if (time < start || delay > target + FAR || delay < -0.5) {
      this.hurrying = false;
      return { delay, rate: 1, seek: Math.max(start, end - target) };
    }
    if (delay > target + 0.2) this.hurrying = true;
    if (delay < target + 0.03) this.hurrying = false;
    return { delay, rate: this.hurrying ? HURRY : 1, seek: null };
  }
}
