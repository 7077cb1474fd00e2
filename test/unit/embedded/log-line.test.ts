import { expect, test } from 'vitest';
import { isForConsole, renderLogLine } from '../../../embedded/console.js';
import { readLogLine, type LogLine } from '../../../embedded/log-line.js';

const TIME = '2026-01-01T10:00:00.000Z';

function read(text: string, stream: 'stdout' | 'stderr' = 'stdout'): LogLine {
  const line = readLogLine(text, { service: 'part', stream, redact: (raw) => raw.replaceAll('s3cret', '[redacted]') });
  if (line === undefined) throw new Error('no line');
  return line;
}

function own(level: string, message: string, fields: Record<string, unknown> = {}): LogLine {
  return read(JSON.stringify({ level, time: TIME, service: 'trading-worker', ...fields, message }));
}

test('a line of our own processes passes unchanged', () => {
  const text = JSON.stringify({ level: 'WARNING', time: TIME, service: 'trading-worker', code: 40006, message: 'Candle overdue' });
  expect(read(text)).toMatchObject({ level: 'WARNING', service: 'trading-worker', message: 'Candle overdue', fields: { code: 40006 }, json: text });
});

test('a line of the Temporal server takes our form', () => {
  const line = read(JSON.stringify({ time: TIME, level: 'ERROR', msg: 'disk full', shard: 1 }));
  expect(JSON.parse(line.json)).toEqual({ level: 'ERROR', time: TIME, service: 'part', message: 'disk full {"shard":1}' });
});

test.each([
  ['2026-01-01 10:00:00 UTC [1] FATAL:  the database system is starting up', 'stderr', 'ERROR'],
  ['2026-01-01 10:00:00 UTC [1] WARNING:  disk', 'stderr', 'WARNING'],
  ['2026-01-01 10:00:00 UTC [1] LOG:  checkpoint complete', 'stderr', 'INFO'],
  ['(node:12) ExperimentalWarning: something', 'stderr', 'INFO'],
  ['TypeError: x is not a function', 'stderr', 'WARNING'],
  ['Server: 127.0.0.1:7233', 'stdout', 'INFO'],
  ['{ not json', 'stdout', 'INFO'],
] as const)('plain text %j on %s is %s', (text, stream, level) => {
  expect(read(text, stream)).toMatchObject({ level, service: 'part', message: text });
});

test('text that did not pass our logger is scrubbed of secrets', () => {
  expect(read('password=s3cret', 'stderr').json).not.toContain('s3cret');
});

test('an empty line is no line', () => {
  expect(readLogLine('  ', { service: 'part', stream: 'stdout', redact: (raw) => raw })).toBeUndefined();
});

test('the console shows warnings, the life of trades and the stack; the rest stays in the file', () => {
  expect(isForConsole(own('WARNING', 'Candle overdue'))).toBe(true);
  expect(isForConsole(own('CRITICAL', 'Emergency stop'))).toBe(true);
  expect(isForConsole(own('INFO', 'Trade opened'))).toBe(true);
  expect(isForConsole(read(JSON.stringify({ level: 'INFO', time: TIME, service: 'stack', message: 'postgres is back after 1.4 s' })))).toBe(true);
  expect(isForConsole(own('INFO', 'Market feed connected'))).toBe(false);
  expect(isForConsole(own('DEBUG', 'Trade opened'))).toBe(false);
  expect(isForConsole(own('WARNING', 'Workflow task not found', { from: 'temporal' }))).toBe(false);
  expect(isForConsole(read(JSON.stringify({ level: 'INFO', time: TIME, service: 'stack', message: 'Worker state changed', from: 'temporal' })))).toBe(false);
  expect(isForConsole(own('ERROR', 'Activity failed', { from: 'temporal' }))).toBe(true);
});

test('a shown line has its time, its level, who says it, and what matters of a trade', () => {
  const line = own('INFO', 'Trade closed', { symbol: 'BTCUSDT', exitReason: 'stop_loss', realisedPnl: '-9.5', workflowId: 'trade-1' });
  expect(renderLogLine(line)).toMatch(/^\d\d:00:00 INFO     trading-worker: Trade closed \(symbol BTCUSDT, exitReason stop_loss, realisedPnl -9.5\)$/);
});
