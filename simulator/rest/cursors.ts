/**
 * Pages of a list. A cursor is opaque, URL-safe ([A-Za-z0-9_-]) and bound to the last row seen, not to an offset, so
 * rows that arrive meanwhile neither repeat nor hide others.
 */
import { invalidParameter } from '../server/refusal.js';

export interface Page<Row> {
  rows: Row[];
  nextPageCursor: string;
}

export interface PageRequest<Row> {
  /** newest first */
  rows: readonly Row[];
  idOf: (row: Row) => string;
  limit: number;
  cursor: string;
}

/** Throws a Refusal 10001 for a cursor that is not ours. */
export function pageOf<Row>(request: PageRequest<Row>): Page<Row> {
  const start = request.cursor === '' ? 0 : indexAfter(request);
  const rows = request.rows.slice(start, start + request.limit);
  const last = rows.at(-1);
  const hasMore = start + request.limit < request.rows.length;
  return { rows, nextPageCursor: hasMore && last !== undefined ? encode(request.idOf(last)) : '' };
}

function indexAfter<Row>(request: PageRequest<Row>): number {
  const id = decode(request.cursor);
  const index = request.rows.findIndex((row) => request.idOf(row) === id);
  if (index === -1) throw invalidParameter('params error: cursor invalid');
  return index + 1;
}

const encode = (id: string): string => Buffer.from(`after:${id}`, 'utf8').toString('base64url');

function decode(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!text.startsWith('after:')) throw invalidParameter('params error: cursor invalid');
  return text.slice('after:'.length);
}
