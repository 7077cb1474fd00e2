/** `GET /api/v1/errors`: the catalogue with what has happened, and the newest occurrences of all processes. */
import { z } from 'zod';
import { isBotError } from '../../core/errors/bot-error.js';
import { CATALOGUE, catalogueEntry, docsPathOf, ERROR_CODES, ERROR_GROUPS, groupOf, isErrorCode, type ErrorCode } from '../../core/errors/catalogue.js';
import { EXPLANATIONS } from '../../core/errors/explanations.js';
import type { ErrorOccurrence, ErrorQuery } from '../../core/ports/error-ledger.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { createErrorTotals, type ErrorTotal } from '../error-totals.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { instant, iso, isoOrNull, provenance } from '../wire.js';

const LIMIT_MAX = 500;
const OFFSET_MAX = 10_000;
const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const;
const CODES_TEXT = `a code of the catalogue, ${ERROR_CODES[0]} to ${ERROR_CODES.at(-1)}`;

const query = z.strictObject({
  code: z.coerce.number().refine(isErrorCode).optional().meta({ description: CODES_TEXT, type: 'integer', enum: [...ERROR_CODES] }),
  severity: z.enum(SEVERITIES).optional().meta({ description: `one of ${SEVERITIES.join(', ')}` }),
  since: z.iso.datetime({ offset: true }).optional().meta({ description: 'an instant such as 2026-01-31T12:00:00Z; older occurrences are left out' }),
  limit: z.coerce.number().int().min(0).max(LIMIT_MAX).default(50).meta({ description: `a whole number from 0 to ${LIMIT_MAX}` }),
  offset: z.coerce.number().int().min(0).max(OFFSET_MAX).default(0).meta({ description: `a whole number from 0 to ${OFFSET_MAX}` }),
});

const codeSchema = z.int().refine((code) => code in CATALOGUE);
const severitySchema = z.enum(SEVERITIES);

const catalogueRow = z.object({
  code: codeSchema,
  group: z.enum(ERROR_GROUPS),
  description: z.string(),
  severity: severitySchema,
  action: z.string().meta({ description: 'what the maintenance guide asks for' }),
  retryable: z.boolean().meta({ description: 'whether the same call may succeed later without anybody changing anything' }),
  raised_when: z.string(),
  next_steps: z.array(z.string()),
  docs: z.string().meta({ description: 'path of the page, from the root of the project' }),
  count: z.int().meta({ description: 'occurrences in all processes, of all time' }),
  last_at: instant.nullable(),
}).meta({ id: 'ErrorCode' });

const occurrenceRow = z.object({
  at: instant,
  code: codeSchema,
  severity: severitySchema,
  service: z.string(),
  instance: z.string(),
  message: z.string(),
  context: z.record(z.string(), z.unknown()),
}).meta({ id: 'ErrorOccurrence' });

export const errorsSchema = z.object({
  ...provenance,
  complete: z.boolean().meta({ description: 'false while the ledger is away: then only what this process knows is listed' }),
  note: z.string().nullable().meta({ description: 'what is missing, and why' }),
  total: z.int().meta({ description: 'occurrences of the codes listed' }),
  catalogue: z.array(catalogueRow),
  occurrences: z.array(occurrenceRow).meta({ description: 'newest first' }),
  next_offset: z.int().nullable().meta({ description: 'offset of the next page of occurrences; null on the last' }),
}).meta({ id: 'Errors' });

type Filter = z.output<typeof query>;

export function errorsRoute(dependencies: ApiDependencies): Route {
  const readTotals = createErrorTotals(dependencies);
  return defineRoute({
    method: 'get',
    path: '/api/v1/errors',
    summary: 'The error catalogue, how often each code occurred, and the newest occurrences',
    role: 'viewer',
    query,
    body: NOTHING,
    reply: errorsSchema,
    statuses: { 200: 'The errors' },
    handle: async ({ query: filter }) => {
      const codes = codesOf(filter);
      const [{ totals, ledgerProblem }, { rows, problem }] = await Promise.all([readTotals(), occurrencesOf(dependencies, filter, codes)]);
      const listed = totals.filter(({ code }) => codes.includes(code));
      const away = ledgerProblem ?? problem;
      const body = {
        as_of: iso(dependencies.clock()),
        source: away === undefined ? 'ledger' as const : 'api' as const,
        complete: away === undefined,
        note: away === undefined ? null : `The ledger cannot be asked (${away}): these are the errors that this API knows itself.`,
        total: listed.reduce((sum, { occurrences }) => sum + occurrences, 0),
        catalogue: listed.map(catalogued),
        occurrences: rows.slice(0, filter.limit).map(onTheWire),
        next_offset: rows.length > filter.limit && filter.limit > 0 ? filter.offset + filter.limit : null,
      };
      return { status: 200, body };
    },
  });
}

function codesOf({ code, severity }: Filter): readonly ErrorCode[] {
  return ERROR_CODES.filter((candidate) => (code === undefined || candidate === code) && (severity === undefined || catalogueEntry(candidate).severity === severity));
}

/** One more than asked for, to know whether there is a next page. */
async function occurrencesOf({ ledger, errors }: ApiDependencies, filter: Filter, codes: readonly ErrorCode[]): Promise<{ rows: ErrorOccurrence[]; problem: string | undefined }> {
  const sinceMs = filter.since === undefined ? undefined : Date.parse(filter.since);
  const wanted: ErrorQuery = { codes, limit: filter.limit + 1, offset: filter.offset, ...(sinceMs === undefined ? {} : { sinceMs }) };
  try {
    return { rows: await (await ledger()).errorOccurrences(wanted), problem: undefined };
  } catch (error) {
    if (!isBotError(error)) throw error;
    const own = errors.newest().filter(({ code, atMs }) => codes.includes(code) && atMs >= (sinceMs ?? 0));
    return { rows: own.slice(filter.offset, filter.offset + wanted.limit), problem: error.message };
  }
}

function catalogued({ code, occurrences, lastAtMs }: ErrorTotal): z.output<typeof catalogueRow> {
  const { description, severity, action, retryable } = catalogueEntry(code);
  const { raisedWhen, nextSteps } = EXPLANATIONS[code];
  return {
    code, group: groupOf(code), description, severity, action, retryable,
    raised_when: raisedWhen, next_steps: [...nextSteps], docs: docsPathOf(code), count: occurrences, last_at: isoOrNull(lastAtMs),
  };
}

function onTheWire({ atMs, code, severity, service, instance, message, context }: ErrorOccurrence): z.output<typeof occurrenceRow> {
  return { at: iso(atMs), code, severity, service, instance, message, context };
}
