/**
 * A route as data: what is validated, what is documented and what is done are one definition, so they cannot differ.
 */
import { z } from 'zod';
import { RefusedRequest, type FieldProblem } from './problem.js';
import type { Role } from './security/roles.js';

export interface Caller {
  requestId: string;
  /** name of the token, or `operator` where this API asks for none */
  actor: string;
  /** remote address as the socket says */
  address: string;
  /** where the caller reached this API, for the calls that a reply suggests: `http://localhost:8080` */
  origin: string;
  /** value of the Idempotency-Key header */
  idempotencyKey: string | undefined;
}

export interface Reply<T> {
  status: number;
  body: T;
}

export interface RouteDefinition<Q extends z.ZodObject, B extends z.ZodObject, R extends z.ZodObject, P extends z.ZodObject = typeof NOTHING> {
  method: 'get' | 'post';
  /** as in OpenAPI: `/api/v1/positions/{symbol}/close` */
  path: string;
  summary: string;
  /** the least role that may call it */
  role: Role;
  /** the names in braces of the path; absent: it has none */
  params?: P;
  query: Q;
  /** for POST: a JSON object, or nothing at all */
  body: B;
  reply: R;
  /** HTTP status of every reply that is no problem document, with its meaning */
  statuses: Record<number, string>;
  handle(input: { params: z.output<P>; query: z.output<Q>; body: z.output<B>; caller: Caller }): Promise<Reply<z.output<R>>>;
}

/** A route whose types have done their work. */
export interface Route extends Pick<RouteDefinition<z.ZodObject, z.ZodObject, z.ZodObject>, 'method' | 'path' | 'summary' | 'role' | 'query' | 'body' | 'reply' | 'statuses'> {
  params: z.ZodObject;
  /** rejects with `RefusedRequest` when path, query or body are wrong */
  run(request: { params: unknown; query: unknown; body: unknown; caller: Caller }): Promise<Reply<unknown>>;
}

export const NOTHING = z.strictObject({});
const BODY_TEXT_SHOWN_MAX = 40;
const UNWRITABLE = /[\0\p{Cs}]/u;

export function defineRoute<Q extends z.ZodObject, B extends z.ZodObject, R extends z.ZodObject, P extends z.ZodObject = typeof NOTHING>(definition: RouteDefinition<Q, B, R, P>): Route {
  const { handle, ...documented } = definition;
  const params = definition.params ?? NOTHING;
  return {
    ...documented,
    params,
    run: async (request) => handle({
      params: accept(params, request.params, 'path') as z.output<P>,
      query: accept(definition.query, request.query, 'query'),
      body: accept(definition.body, request.body, 'body'),
      caller: request.caller,
    }),
  };
}

/** The text of a body as JSON: operators' commands come with any content type, or without one. */
export function parseBody(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text, refuseHostile) as unknown;
  } catch (error) {
    if (error instanceof RefusedRequest) throw error;
    throw new RefusedRequest(400, `the body is not JSON: ${JSON.stringify(text.slice(0, BODY_TEXT_SHOWN_MAX))}`, { fix: 'send a JSON object, or no body' });
  }
}

/** Names that reach into JavaScript's own objects, and text that no database can hold. */
function refuseHostile(name: string, value: unknown): unknown {
  if (name === '__proto__' || UNWRITABLE.test(name)) throw new RefusedRequest(400, 'the body has a field of a forbidden name', { fix: 'leave out __proto__ and control characters' });
  if (typeof value === 'string' && UNWRITABLE.test(value)) throw new RefusedRequest(400, 'the body has a text with characters that cannot be stored', { fix: 'leave out NUL and half characters (lone surrogates)' });
  return value;
}

function accept<S extends z.ZodObject>(schema: S, value: unknown, part: 'path' | 'query' | 'body'): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.flatMap((issue) => fieldProblems(issue, schema));
  const named = fields.map(({ field, problem }) => `${field} ${problem}`).join('; ');
  throw new RefusedRequest(400, `wrong ${part}: ${named}`, { fix: fields.map(({ fix }) => fix).join('; '), fields });
}

function fieldProblems(issue: z.core.$ZodIssue, schema: z.ZodObject): FieldProblem[] {
  const known = Object.keys(schema.shape);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: key, problem: 'is not known here', fix: known.length === 0 ? `leave out ${key}` : `known: ${known.join(', ')}` }));
  }
  const [name] = issue.path;
  if (name === undefined) return [{ field: 'the body', problem: 'has a wrong value', fix: 'send a JSON object' }];
  const field = String(name);
  const described: unknown = schema.shape[field];
  const wanted = described instanceof z.ZodType ? described.description : undefined;
  return [{ field, problem: 'has a wrong value', fix: `give ${field} as ${wanted ?? 'documented in /openapi.json'}` }];
}
