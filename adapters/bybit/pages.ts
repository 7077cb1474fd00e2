/**
 * Complete lists out of Bybit's pages and time windows.
 *
 * Invariants
 * 1. A list is complete or the call fails (40005): a page that cannot be fetched is never skipped.
 * 2. A row that stands on two pages (the list grew while it was read) is returned once.
 */
import { BotError } from '../../core/errors/bot-error.js';
import type { RequestParams } from './rest-caller.js';

/** Bybit refuses longer spans on executions, orders and transactions (docs of each endpoint). */
export const MAX_SPAN_MS = 7 * 24 * 3_600_000;
const MAX_PAGES = 1_000;

interface Page<T> {
  list: T[];
  nextPageCursor: string;
}

/** All rows of one query. `fetch` gets the query's parameters plus the cursor. */
export async function allPages<T>(what: string, fetch: (paging: RequestParams) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  let paging: RequestParams = {};
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await fetch(paging);
    rows.push(...page.list);
    if (page.nextPageCursor === '' || page.list.length === 0) return rows;
    paging = { cursor: plainCursor(page.nextPageCursor) };
  }
  throw new BotError(40005, `${what}: the list did not end after ${MAX_PAGES} pages`);
}

/** Spans of at most 7 days that cover `fromMs` to `toMs`, both inclusive, ascending. */
export function spansOf(fromMs: number, toMs: number): { startTime: number; endTime: number }[] {
  const spans = [];
  for (let startTime = fromMs; startTime <= toMs; startTime += MAX_SPAN_MS) {
    spans.push({ startTime, endTime: Math.min(startTime + MAX_SPAN_MS - 1, toMs) });
  }
  return spans;
}

export function uniqueBy<T>(rows: readonly T[], idOf: (row: T) => string): T[] {
  return [...new Map(rows.map((row) => [idOf(row), row])).values()];
}

/** Bybit hands cursors out percent-encoded, and bybit-api encodes what it is given: without this a cursor arrives encoded twice. */
function plainCursor(cursor: string): string {
  try {
    return decodeURIComponent(cursor);
  } catch {
    return cursor;
  }
}
