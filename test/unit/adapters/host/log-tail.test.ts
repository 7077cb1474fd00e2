import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogTail } from '../../../../adapters/host/log-tail.js';
import { LOG_LEVEL_WORDS, type LogQuery } from '../../../../core/ports/log-reader.js';

const T0 = Date.UTC(2026, 0, 31);
const EVERYTHING: LogQuery = { level: 'DEBUG', sinceMs: 0, limit: 1_000 };

let directory: string;
let path: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'log-tail-'));
  path = join(directory, 'trading_bot.log');
});
afterAll(() => rm(directory, { recursive: true }));

function line(message: string, { level = 'INFO', atMs = T0, more = {} } = {}): string {
  return JSON.stringify({ level, time: new Date(atMs).toISOString(), service: 'api', instance: '1', message, ...more });
}

async function messages(query: Partial<LogQuery> = {}): Promise<string[]> {
  return (await createLogTail(path).newest({ ...EVERYTHING, ...query })).entries.map(({ message }) => message);
}

describe('the end of the log', () => {
  it('comes oldest first, with the fields that stand in the line', async () => {
    await writeFile(path, `${line('one', { more: { code: 10003 } })}\n${line('two')}\n`);
    const { entries, complete } = await createLogTail(path).newest(EVERYTHING);
    expect(complete).toBe(true);
    expect(entries).toEqual([
      { level: 'INFO', time: '2026-01-31T00:00:00.000Z', service: 'api', message: 'one', fields: { instance: '1', code: 10003 } },
      { level: 'INFO', time: '2026-01-31T00:00:00.000Z', service: 'api', message: 'two', fields: { instance: '1' } },
    ]);
  });

  it.each(LOG_LEVEL_WORDS.map((level, index) => [level, LOG_LEVEL_WORDS.slice(index)] as const))('of level %s holds it and what is weightier', async (level, expected) => {
    await writeFile(path, LOG_LEVEL_WORDS.map((word) => line(word, { level: word })).join('\n'));
    expect(await messages({ level })).toEqual(expected);
  });

  it('since an instant leaves out what is older, though two processes do not write in the order of their clocks', async () => {
    await writeFile(path, [line('old', { atMs: T0 - 1 }), line('new', { atMs: T0 + 5 }), line('late', { atMs: T0 - 2 }), line('exact', { atMs: T0 })].join('\n'));
    expect(await messages({ sinceMs: T0 })).toEqual(['new', 'exact']);
  });

  it('says when there is more than was asked for', async () => {
    await writeFile(path, ['a', 'b', 'c'].map((text) => line(text)).join('\n'));
    expect(await createLogTail(path).newest({ ...EVERYTHING, limit: 2 })).toMatchObject({ complete: false, entries: [{ message: 'b' }, { message: 'c' }] });
    expect(await createLogTail(path).newest({ ...EVERYTHING, limit: 3 })).toMatchObject({ complete: true });
  });

  it('leaves out lines that are none of ours and half lines, and keeps the rest', async () => {
    await writeFile(path, `plain words\n${line('good')}\n{"level":"INFO","time":"x"}\n{"level":"NOISE","time":"2026-01-31T00:00:00Z","service":"a","message":"b"}\n${line('half').slice(0, 40)}`);
    expect(await messages()).toEqual(['good']);
  });

  it('of a log larger than it reads is still the end, and says that it is not all', async () => {
    await writeFile(path, '');
    const filler = Array.from({ length: 4_000 }, (_, index) => line(`${index} ${'x'.repeat(900)}`, { level: 'DEBUG' })).join('\n');
    for (let part = 0; part < 3; part += 1) await appendFile(path, `${filler}\n`);
    await appendFile(path, `${line('the end', { level: 'ERROR' })}\n`);
    expect(await createLogTail(path).newest({ ...EVERYTHING, level: 'ERROR' })).toMatchObject({ complete: false, entries: [{ message: 'the end' }] });
  });

  it('is the same however lines fall on the pieces it is read in', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 1, maxLength: 12 }), fc.boolean(), async (lengths, ended) => {
      const texts = lengths.map((length, index) => `${index}${'ü'.repeat(length)}`);
      await writeFile(path, texts.map((text) => line(text)).join('\n') + (ended ? '\n' : ''));
      expect((await messages()).map((text) => text.length)).toEqual(texts.map((text) => text.length));
    }), { numRuns: 25 });
  });

  it.each([[undefined, 'BOT_LOG_FILE'], ['/nowhere/trading_bot.log', 'ENOENT']])('of %s is refused with what to do', async (where, word) => {
    await expect(createLogTail(where).newest(EVERYTHING)).rejects.toMatchObject({ code: 40004 });
    const error = await createLogTail(where).newest(EVERYTHING).catch((thrown: unknown) => thrown as { message: string; fix: string });
    expect(`${(error as { message: string }).message} ${(error as { fix: string }).fix}`).toContain(word);
  });
});
