/** `GET /api/v1/logs`: the newest lines of the log of all processes. */
import { z } from 'zod';
import { LOG_LEVEL_WORDS } from '../../core/ports/log-reader.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { instant, iso, provenance } from '../wire.js';

const LIMIT_MAX = 1_000;

const query = z.strictObject({
  level: z.enum(LOG_LEVEL_WORDS).default('DEBUG').meta({ description: `this level and weightier ones: ${LOG_LEVEL_WORDS.join(', ')}` }),
  since: z.iso.datetime({ offset: true }).optional().meta({ description: 'an instant of the clock of this host, for example 2026-01-31T12:00:00Z', example: '2026-01-31T12:00:00Z' }),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(100).meta({ description: `a whole number from 1 to ${LIMIT_MAX}` }),
});

const lineSchema = z.object({
  time: instant,
  level: z.enum(LOG_LEVEL_WORDS),
  service: z.string(),
  message: z.string(),
  fields: z.record(z.string(), z.unknown()).meta({ description: 'whatever else the line says' }),
}).meta({ id: 'LogLine' });

export const logsSchema = z.object({
  ...provenance,
  count: z.int(),
  complete: z.boolean().meta({ description: 'false: there are more such lines, or older parts of the file were not looked at' }),
  lines: z.array(lineSchema).meta({ description: 'oldest first' }),
}).meta({ id: 'Logs' });

export function logsRoute({ logs, clock, redact }: ApiDependencies): Route {
  return defineRoute({
    method: 'get',
    path: '/api/v1/logs',
    summary: 'The newest lines of the log',
    role: 'viewer',
    query,
    body: NOTHING,
    reply: logsSchema,
    statuses: { 200: 'The lines' },
    handle: async ({ query: { level, since, limit } }) => {
      const { entries, complete } = await logs.newest({ level, sinceMs: since === undefined ? 0 : Date.parse(since), limit });
      // what was written passed a redaction; this is the second wall
      const lines = entries.map(({ fields, message, ...line }) => ({ ...line, message: redact.text(message), fields: redact.value(fields) as Record<string, unknown> }));
      return { status: 200, body: { as_of: iso(clock()), source: 'api' as const, count: lines.length, complete, lines } };
    },
  });
}
