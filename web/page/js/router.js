// Routes are in the fragment of the address: #/streams/42. The server knows nothing of them.

/**
 * Takes a fragment apart. Parts are percent-decoded one by one, so that a name may have a slash.
 * @param {string} hash
 * @returns {{parts: string[], query: URLSearchParams}}
 */
export function parse(hash) {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  return { parts: path.split('/').filter((part) => part !== '').map(decode), query: new URLSearchParams(query) };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // typed by hand, with a percent sign that means itself
  }
}

/** The fragment of a route: href('workflows', 'late show') is "#/workflows/late%20show". */
export function href(...parts) {
  return '#/' + parts.map(encodeURIComponent).join('/');
}
