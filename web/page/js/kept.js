// What the browser keeps for the page. One that is told to keep nothing throws at the mere mention, and then nothing is kept.

/** Reads what is kept under a name, or null. @param {'localStorage'|'sessionStorage'} where */
export function kept(where, name) {
  try {
    return globalThis[where].getItem(name);
  } catch {
    return null;
  }
}

/** Keeps a text under a name. @param {'localStorage'|'sessionStorage'} where */
export function keep(where, name, text) {
  try {
    globalThis[where].setItem(name, text);
  } catch {
    // Then it lasts as long as the page.
  }
}
