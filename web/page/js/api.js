// The HTTP API of the server that this page comes from.

/** A request that was answered with something else than success. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {?{error: string, mistakes: Array}} answer of a definition that is refused
   */
  constructor(status, message, answer = null) {
    super(message);
    this.status = status;
    this.answer = answer;
  }
}

/** Asks the API, with the token if it wants one. */
export class Api {
  /**
   * @param {URL} base where the API's paths begin
   * @param {{get: () => string, ask: (wrong: boolean) => Promise<void>}} token
   */
  constructor(base, token) {
    this.base = base;
    this.token = token;
  }

  /** The JSON that a path answers with. */
  async get(path, signal) {
    return (await this.request('GET', path, { signal })).json();
  }

  /** The text that a path answers with. */
  async text(path) {
    return (await this.request('GET', path)).text();
  }

  /** Sends a definition to be looked at; the answer is what would change. */
  async plan(definition) {
    return (await this.request('POST', 'workflows/plan', { body: definition })).json();
  }

  /** Starts a workflow, or changes it. */
  async put(definition) {
    await this.request('PUT', 'workflows', { body: definition });
  }

  /** Stops a workflow. */
  async stop(name) {
    await this.request('DELETE', `workflows/${encodeURIComponent(name)}`);
  }

  /**
   * Sends a request, asks for the token as often as it takes, and throws an ApiError for whatever is no success.
   * @returns {Promise<Response>}
   */
  async request(method, path, { body, headers = {}, signal } = {}) {
    for (;;) {
      const token = this.token.get();
      const all = { ...headers };
      if (token) all.Authorization = `Bearer ${token}`;
      if (body !== undefined) all['Content-Type'] = 'application/vnd.mmids.workflow';
      const response = await fetch(new URL(path, this.base), { method, body, headers: all, signal, cache: 'no-store', redirect: 'error' });
      if (response.ok) return response;
      if (response.status !== 401) throw await failure(response);
      // While this request was under way, another one may have got a new token already.
      if (token === this.token.get()) await this.token.ask(token !== '');
    }
  }
}

async function failure(response) {
  const text = await response.text();
  let answer = null;
  if (response.headers.get('Content-Type')?.startsWith('application/json')) {
    try {
      answer = JSON.parse(text);
    } catch {
      answer = null; // then the text says what there is to say
    }
  }
  return new ApiError(response.status, answer?.error || text || `The server answers ${response.status}`, answer);
}
