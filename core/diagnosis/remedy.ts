/** Calls of the API as a person types them. Everything that is put between quotes is made harmless to a shell. */

export interface ApiCall {
  method: 'GET' | 'POST';
  path: string;
  body?: Record<string, string>;
}

const IN_SINGLE_QUOTES = String.raw`'\''`;

export function curlOf(apiUrl: string, { method, path, body }: ApiCall): string {
  const url = `${apiUrl}${path}`;
  if (method === 'GET') return `curl ${url}`;
  if (body === undefined) return `curl -X POST ${url}`;
  return `curl -X POST ${url} -d '${JSON.stringify(body).replaceAll("'", IN_SINGLE_QUOTES)}'`;
}

/** A remedy that names a call of the API ("POST /api/v1/…") as that call; undefined when it names none. */
export function callNamedIn(remedy: string): ApiCall | undefined {
  const named = /\b(GET|POST) (\/api\/v1\/[\w/{}.-]*[\w}])/.exec(remedy);
  const [, method, path] = named ?? [];
  return method === undefined || path === undefined ? undefined : { method: method === 'GET' ? 'GET' : 'POST', path };
}
