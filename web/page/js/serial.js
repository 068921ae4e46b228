// Questions that are asked again and again.

/**
 * Makes a function that has one question under way at a time. Asked for meanwhile, it asks once more: the answer that is under
 * way may be older than what it is wanted for. Failures are left to whoever asks next.
 * @param {() => Promise<void>} ask
 * @param {() => Promise<void>} rest what comes between an answer and the next question
 * @returns {() => Promise<void>}
 */
export function serial(ask, rest = async () => {}) {
  let running = false;
  let wanted = false;
  return async () => {
    wanted = true;
    if (running) return;
    running = true;
    while (wanted) {
      wanted = false;
      await ask().catch(() => {});
      await rest();
    }
    running = false;
  };
}
