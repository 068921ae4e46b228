// How long to wait before something is tried again.

/** Seconds before the next attempt: 0.5, 1, 2, 4 … 15, with a quarter of it left to chance, so that pages do not come all at once. */
export function wait(failures, random = Math.random) {
  const whole = Math.min(15, 0.5 * 2 ** failures);
  return whole * (0.75 + 0.25 * random());
}

/** Resolves after so many milliseconds, or at once when the signal is aborted. */
export function sleep(ms, signal) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
