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

// How long an answer may take, all of it. The server itself gives up earlier, so what takes longer is a network that is gone.
const ANSWER_MS = 15_000;

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
    return (await this.request('GET', path, { attempt: inTime(signal) })).json();
  }

  /** The text that a path answers with. */
  async text(path) {
    return (await this.request('GET', path, { attempt: inTime() })).text();
  }

  /** Sends a definition to be looked at; the answer is what would change. */
  async plan(definition) {
    return (await this.request('POST', 'workflows/plan', { body: definition, attempt: inTime() })).json();
  }

  /** Starts a workflow, or changes it. */
  async put(definition) {
    await (await this.request('PUT', 'workflows', { body: definition, attempt: inTime() })).text();
  }

  /** Stops a workflow. */
  async stop(name) {
    await (await this.request('DELETE', `workflows/${encodeURIComponent(name)}`, { attempt: inTime() })).text();
  }

  /**
   * Sends a request, asks for the token as often as it takes, and throws an ApiError for whatever is no success.
   * @param {string} method
   * @param {string} path
   * @param {{body?: string, headers?: Object<string, string>, attempt: () => AbortSignal}} options attempt is called when the
   *   request is sent, and each time that it is sent again, since the user may take long to find the token; the signal ends it
   * @returns {Promise<Response>}
   */
  async request(method, path, { body, headers = {}, attempt }) {
    for (;;) {
      const token = this.token.get();
      const all = { ...headers };
      if (token) all.Authorization = `Bearer ${token}`;
      if (body !== undefined) all['Content-Type'] = 'application/vnd.mmids.workflow';
      const options = { method, body, headers: all, signal: attempt(), cache: 'no-store', redirect: 'error' };
      const response = await fetch(new URL(path, this.base), options).catch(unreachable);
      if (response.ok) return response;
      if (response.status !== 401) throw await failure(response);
      // While this request was under way, another one may have got a new token already.
      if (token === this.token.get()) await this.token.ask(token !== '');
    }
  }
}

// A limit for an answer with an end, beside that of whoever waits for it.
const inTime = (signal) => () => AbortSignal.any([AbortSignal.timeout(ANSWER_MS), ...(signal ? [signal] : [])]);

// What browsers say of it differs, and is not for people.
function unreachable(error) {
  throw error.name === 'AbortError' ? error : new Error('The server cannot be reached.', { cause: error });
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
