// The newest values of something.

/** A list that forgets its oldest items beyond a number of them. */
export class Ring {
  /** @param {number} most */
  constructor(most) {
    this.most = most;
    this.items = [];
  }

  push(item) {
    this.items.push(item);
    // Taking away one by one would move all the others each time.
    if (this.items.length >= this.most * 2) this.items = this.items.slice(-this.most);
  }

  /** The items, oldest first. */
  list() {
    return this.items.length > this.most ? this.items.slice(-this.most) : this.items.slice();
  }

  clear() {
    this.items = [];
  }
}

/** Numbers at equal intervals, in memory that is taken once. */
export class Series {
  /** @param {number} length */
  constructor(length) {
    this.values = new Float32Array(length);
    this.next = 0;
    this.size = 0;
  }

  push(value) {
    this.values[this.next] = Number.isFinite(value) ? value : 0;
    this.next = (this.next + 1) % this.values.length;
    this.size = Math.min(this.size + 1, this.values.length);
  }

  /** The value so many steps ago; 0 is the newest one. */
  ago(steps) {
    return this.values[(this.next - 1 - steps + 2 * this.values.length) % this.values.length];
  }

  /** The largest value, or 0. */
  max() {
    let most = 0;
    for (let i = 0; i < this.size; i++) most = Math.max(most, this.ago(i));
    return most;
  }
}
