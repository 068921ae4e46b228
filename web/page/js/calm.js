// Work that is asked for more often than it can be done.

/**
 * Returns a function that has work done: at once, unless it is under way or has only just been done. What is asked for
 * meanwhile is done once, afterwards.
 * @param {() => Promise<void>} work never fails
 * @param {() => Promise<void>} rest what comes between the end of the work and its next beginning
 */
export function calm(work, rest) {
  let busy = false;
  let again = false;
  return async () => {
    again = true;
    if (busy) return;
    busy = true;
    while (again) {
      again = false;
      await work();
      await rest();
    }
    busy = false;
  };
}
