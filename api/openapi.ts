/** `GET /openapi.json`: made of the very schemas that the routes validate with. */
import { extendZodWithOpenApi, OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { problemSchema, PROBLEM_TYPE } from './problem.js';
import type { Route } from './route.js';

extendZodWithOpenApi(z);

const idempotencyKey = z.object({
  'Idempotency-Key': z.string().regex(/^[\x21-\x7e]{1,128}$/).optional().meta({ description: 'repeating a request with the same key is the same command' }),
});

/** What every route may answer with, whatever it does. */
const PROBLEMS: Record<number, string> = {
  400: 'The request is wrong; errors names each field',
  403: 'Made by a browser for another site',
  405: 'Not with this method',
  413: 'The body is too large',
  421: 'Under a foreign host name',
  500: 'A defect of the API',
  503: 'A part that is needed does not answer; fix says which',
};

export function openApiDocument(routes: readonly Route[]): object {
  const registry = new OpenAPIRegistry();
  for (const route of routes) registry.registerPath(pathOf(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Bybit trading bot', version: '1', description: 'Reads the bot and steers it. Money is decimal text; every reply says as_of and source.' },
    servers: [{ url: '/' }],
  });
}

function pathOf(route: Route): RouteConfig {
  const responses: RouteConfig['responses'] = {};
  for (const [status, description] of Object.entries(PROBLEMS)) responses[status] = { description, content: { [PROBLEM_TYPE]: { schema: problemSchema } } };
  for (const [status, description] of Object.entries(route.statuses)) responses[status] = { description, content: { 'application/json': { schema: route.reply } } };
  return {
    method: route.method,
    path: route.path,
    summary: route.summary,
    request: {
      params: route.params,
      query: route.query,
      ...(route.method === 'post' ? { headers: idempotencyKey, body: { required: false, content: { 'application/json': { schema: route.body } } } } : {}),
    },
    responses,
  };
}
