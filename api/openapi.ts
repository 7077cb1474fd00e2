/** `GET /openapi.json`: made of the very schemas that the routes validate with. */
import { extendZodWithOpenApi, OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { problemOf, problemSchema, PROBLEM_TYPE, RefusedRequest } from './problem.js';
import type { Route } from './route.js';
import type { ApiAccess } from './security/access.js';
import { OPEN_ON_THIS_MACHINE } from './security/authentication.js';

extendZodWithOpenApi(z);

const SCHEME = 'bearer';
const EXAMPLE_ID = '5b0f6f6e-4c51-4a6c-9b0e-7d8f5f0f9a11';

const idempotencyKey = z.object({
  'Idempotency-Key': z.string().regex(/^[\x21-\x7e]{1,128}$/).optional().meta({ description: 'repeating a request with the same key within 24 hours is the same command and has the same answer', example: 'pause-2026-01-31' }),
});

interface ProblemReply {
  description: string;
  /** the detail of the example */
  example: string;
  headers?: Record<string, string>;
  /** absent: every route may answer so */
  when?: (route: Route) => boolean;
}

const PROBLEMS: Record<number, ProblemReply> = {
  400: { description: 'The request is wrong; errors names each field', example: 'wrong query: hours has a wrong value' },
  401: { description: 'No token, or an unknown one, where tokens are asked for', example: 'this API needs a token', headers: { 'WWW-Authenticate': 'how to authenticate' } },
  403: { description: 'The role of the token does not suffice, or a browser made the request for another site', example: 'dashboard is viewer, this needs operator' },
  404: { description: 'What the path names does not exist', example: 'there is no strategy of that name', when: ({ params, method }) => method === 'post' || Object.keys(params.shape).length > 0 },
  405: { description: 'Not with this method', example: 'DELETE is not possible on /health', headers: { Allow: 'the methods that are possible' } },
  409: { description: 'It does not fit the present state, or the Idempotency-Key was used for another request', example: 'this Idempotency-Key was used for another request', when: ({ method }) => method === 'post' },
  413: { description: 'The body is too large', example: 'the body is larger than 64 KiB' },
  421: { description: 'Under a foreign host name', example: 'this API does not answer under that host name' },
  429: { description: 'Too many requests of this client, or too many wrong tokens from its address', example: 'more than 1200 requests in a minute', headers: { 'Retry-After': 'seconds to wait' } },
  500: { description: 'A defect of the API', example: 'the API failed on this request' },
  503: { description: 'A part that is needed does not answer; fix says which', example: 'the database does not answer' },
};

export function openApiDocument(routes: readonly Route[], { tokens }: Pick<ApiAccess, 'tokens'>): object {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', SCHEME, { type: 'http', scheme: 'bearer', description: 'a token of role viewer, operator or admin; not asked for on loopback as long as none is configured' });
  for (const route of routes) registry.registerPath(pathOf(route, tokens.length > 0));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Bybit trading bot', version: '1', description: 'Reads the bot and steers it. Money is decimal text; every reply says as_of and source.' },
    servers: [{ url: '/' }],
  });
}

function pathOf(route: Route, asksForTokens: boolean): RouteConfig {
  const replies = Object.entries(route.statuses).map(([status, description]) => [status, { description, content: { 'application/json': { schema: route.reply } } }]);
  const { method, path, summary, role } = route;
  return {
    method,
    path,
    summary,
    description: `Needs role ${role}.`,
    operationId: `${method}${path.replaceAll(/[^A-Za-z0-9]+(\w)/g, (_match, letter: string) => letter.toUpperCase()).replaceAll(/\W/g, '')}`,
    security: asksForTokens && !OPEN_ON_THIS_MACHINE.has(path) ? [{ [SCHEME]: [] }] : [{}, { [SCHEME]: [] }],
    request: {
      params: route.params,
      query: route.query,
      ...(method === 'post' ? { headers: idempotencyKey, body: { required: !route.body.safeParse({}).success, content: { 'application/json': { schema: route.body } } } } : {}),
    },
    responses: { ...problemReplies(route), ...Object.fromEntries(replies) as RouteConfig['responses'] },
  };
}

function problemReplies(route: Route): RouteConfig['responses'] {
  const entries = Object.entries(PROBLEMS).filter(([, { when }]) => when === undefined || when(route));
  return Object.fromEntries(entries.map(([status, { description, example, headers }]) => {
    const schema = problemSchema;
    return [status, {
      description,
      ...(headers === undefined ? {} : { headers: z.object(Object.fromEntries(Object.entries(headers).map(([name, meaning]) => [name, z.string().meta({ description: meaning })]))) }),
      content: { [PROBLEM_TYPE]: { schema, example: problemOf(new RefusedRequest(Number(status), example), EXAMPLE_ID) } },
    }];
  }));
}
