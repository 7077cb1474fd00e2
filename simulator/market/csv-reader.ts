/**
 * Reads one recorded series from SYMBOL-<kind>.csv or .csv.gz, row by row, and refuses anything it cannot vouch for.
 *
 * Invariants
 * 1. Every refusal is a BotError that names file, line, column and what to do; nothing is skipped or repaired silently.
 * 2. Timestamps advance by exactly the series' step: a gap, a duplicate or a step back is 40002.
 */
import { createReadStream, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { BotError, isBotError } from '../../core/errors/bot-error.js';

export interface SeriesFormat {
  /** header line, in order; the first column is the timestamp */
  columns: readonly string[];
  /** distance of two rows, ms */
  stepMs: number;
}

export interface SeriesRow {
  line: number;
  timestampMs: number;
  /** the cells after the timestamp, each a checked plain number as text */
  values: readonly string[];
}

/** Where a cell stands, for whoever has to repair it. */
export interface CellPlace {
  file: string;
  line: number;
  column: string;
}

interface RowPlace {
  file: string;
  line: number;
  format: SeriesFormat;
}

const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;
const CELL_LENGTH_MAX = 40;

/** The plain or gzipped file of a series, or undefined when neither exists. */
export function findSeriesFile(directory: string, name: string): string | undefined {
  return [join(directory, `${name}.csv`), join(directory, `${name}.csv.gz`)].find((path) => existsSync(path));
}

/** Calls `onRow` for every row in order. Rejects with 40003 (unreadable), 40007 (invalid), 40010 (not a number) or 40002 (time). */
export async function readSeries(path: string, format: SeriesFormat, onRow: (row: SeriesRow) => void): Promise<void> {
  const file = basename(path);
  const parser = parse({ relax_column_count: true, skip_empty_lines: true, bom: true, trim: true });
  let line = 0;
  let previousMs: number | undefined;
  /** the pipeline reports its own abortion instead of what caused it */
  let refusal: unknown;
  const take = (cells: string[]): void => {
    line += 1;
    const place: RowPlace = { file, line, format };
    if (line === 1) return checkHeader(cells, place);
    const row = parseRow(cells, place);
    checkStep(previousMs, row.timestampMs, place);
    previousMs = row.timestampMs;
    onRow(row);
  };
  const consume = async (records: AsyncIterable<string[]>): Promise<void> => {
    for await (const cells of records) {
      try {
        take(cells);
      } catch (error) {
        refusal = error;
        throw error;
      }
    }
  };
  try {
    const source = createReadStream(path);
    if (path.endsWith('.gz')) await pipeline(source, createGunzip(), parser, consume);
    else await pipeline(source, parser, consume);
  } catch (error) {
    throw asReadError(refusal ?? error, file, line);
  }
  if (line < 2) throw new BotError(40005, `${file} holds no rows`, { fix: `Download ${file} again; it must hold a header and at least one row` });
}

function checkHeader(cells: readonly string[], place: RowPlace): void {
  if (cells.join(',') === place.format.columns.join(',')) return;
  throw new BotError(40003, `${place.file} line 1: the header is "${cells.join(',').slice(0, 80)}"`, {
    fix: `The first line must be "${place.format.columns.join(',')}"`,
  });
}

function parseRow(cells: readonly string[], place: RowPlace): SeriesRow {
  const { columns } = place.format;
  if (cells.length !== columns.length) {
    throw new BotError(40003, `${place.file} line ${place.line}: ${cells.length} columns instead of ${columns.length}`, {
      fix: `Each line must hold ${columns.join(',')}; download the file again`,
    });
  }
  cells.forEach((cell, index) => checkNumber(cell, columns[index] ?? '', place));
  const timestampMs = Number(cells[0]);
  if (!Number.isSafeInteger(timestampMs) || timestampMs <= 0 || timestampMs % place.format.stepMs !== 0) {
    throw rowError(40007, { ...place, column: columns[0] ?? '' }, `"${cells[0]}" is not a start of a ${place.format.stepMs / 60_000} minute step in ms UTC`);
  }
  return { line: place.line, timestampMs, values: cells.slice(1) };
}

function checkNumber(cell: string, column: string, place: RowPlace): void {
  if (cell.length <= CELL_LENGTH_MAX && NUMBER.test(cell)) return;
  throw rowError(40010, { ...place, column }, `"${cell.slice(0, CELL_LENGTH_MAX)}" is not a decimal number`);
}

function checkStep(previousMs: number | undefined, timestampMs: number, place: RowPlace): void {
  if (previousMs === undefined || timestampMs === previousMs + place.format.stepMs) return;
  const what = timestampMs === previousMs ? 'repeats the timestamp of the line before'
    : timestampMs < previousMs ? 'goes back in time'
      : `leaves a gap of ${(timestampMs - previousMs) / place.format.stepMs - 1} rows`;
  throw rowError(40002, { ...place, column: 'timestamp' }, `${timestampMs} ${what}`);
}

/** One bad cell, told so that the operator finds it. */
export function rowError(code: 40002 | 40007 | 40010, place: CellPlace, what: string): BotError {
  return new BotError(code, `${place.file} line ${place.line}, column ${place.column}: ${what}`, {
    fix: `Correct line ${place.line} of ${place.file} or download the file again`,
  });
}

function asReadError(error: unknown, file: string, line: number): BotError {
  if (isBotError(error)) return error;
  const reason = error instanceof Error ? error.message : 'unreadable';
  const where = error instanceof CsvError ? `line ${line + 1}` : `after line ${line}`;
  return new BotError(40003, `${file} ${where}: ${reason}`, { fix: `Download ${file} again`, cause: error });
}
