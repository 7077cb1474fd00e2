/** Calls of the API as a person types them. Everything that is put between quotes is made harmless to a shell. */

export interface ApiCall {
  method: 'GET' | 'POST';
  path: string;
  body?: Record<string, unknown>;
}

const IN_SINGLE_QUOTES = String.raw`'\''`;

export function curlOf(apiUrl: string, { method, path, body }: ApiCall): string {
  const url = `${apiUrl}${path}`;
  if (method === 'GET') return `curl ${url}`;
  if (body === undefined) return `curl -X POST ${url}`;
  return `curl -X POST ${url} -d '${JSON.stringify(body).replaceAll("'", IN_SINGLE_QUOTES)}'`;
}

/**
 * A remedy that names a call of the API ("POST /api/v1/…", or with a body: "POST /api/v1/… with {…}") as that call; undefined
 * when it names none, or one whose path has a blank to fill in.
 */
export function callNamedIn(remedy: string): ApiCall | undefined {
  const named = /\b(GET|POST) (\/api\/v1\/[\w/{}.-]*[\w}])(?: with (\{[^{}]{1,200}\}))?/.exec(remedy);
  const [, method, path, body] = named ?? [];
  if (method === undefined || path === undefined || path.includes('{')) return undefined;
  const call = { method: method === 'GET' ? 'GET' as const : 'POST' as const, path };
  return body === undefined ? call : withBody(call, body);
}

/** Words that merely look like a body make no call. */
function withBody(call: ApiCall, text: string): ApiCall | undefined {
  try {
    return { ...call, body: JSON.parse(text) as Record<string, string> };
  } catch {
    return undefined;
  }
}
