/** Small recorded markets, written for one test. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export const STEP_MS = 300_000;
export const HOUR_MS = 3_600_000;
/** 2026-01-05 00:00 UTC, a funding instant */
export const FIRST_MS = Date.UTC(2026, 0, 5);

export const HEADER = 'timestamp,open,high,low,close,volume';

/** A gentle wave: open of each candle is the close of the one before. */
export function waveRows(count: number): string[] {
  const level = (index: number): number => 60_000 + 500 * Math.round(10 * Math.sin(index / 20)) / 10;
  return Array.from({ length: count }, (_, index) => {
    const [open, close] = [level(index), level(index + 1)];
    return `${FIRST_MS + index * STEP_MS},${open},${Math.max(open, close) + 40},${Math.min(open, close) - 40},${close},${100 + index}`;
  });
}

export async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sim-data-'));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), name.endsWith('.gz') ? gzipSync(content) : content);
  }
  return folder;
}

export function csv(header: string, rows: readonly string[]): string {
  return [header, ...rows, ''].join('\n');
}

/** 600 candles of BTCUSDT with hourly mark (10 above) and two funding rates. */
export function waveFolder(): Promise<string> {
  const marks = Array.from({ length: 50 }, (_, hour) => {
    const open = Number(waveRows(hour * 12 + 1)[hour * 12]?.split(',')[1]);
    return `${FIRST_MS + hour * HOUR_MS},${open + 10},${open + 1_000},${open - 1_000},${open + 10}`;
  });
  return folderWith({
    'BTCUSDT-5m.csv.gz': csv(HEADER, waveRows(600)),
    'BTCUSDT-mark-1h.csv': csv('timestamp,open,high,low,close', marks),
    'BTCUSDT-funding-8h.csv': csv('timestamp,funding_rate', [`${FIRST_MS},5e-05`, `${FIRST_MS + 8 * HOUR_MS},0.0002`, `${FIRST_MS + 16 * HOUR_MS},-0.0003`]),
  });
}
