/**
 * The end of the log file, read backwards: as much of it as the question needs, and never more than a few MiB.
 *
 * Invariants
 * 1. What is read and what is returned is bounded, however large the file is and whatever is asked.
 * 2. A line that is no log line of ours (half written, edited by hand) is left out; it never fails the rest.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { BotError } from '../../core/errors/bot-error.js';
import { LOG_LEVEL_WORDS, type LogEntry, type LogLevelWord, type LogPage, type LogQuery, type LogReader } from '../../core/ports/log-reader.js';

const CHUNK_BYTES = 256 * 1024;
const READ_BYTES_MAX = 8 * 1024 * 1024;
/** lines of several processes stand next to each other, not always in the order of their times */
const DISORDER_MS_MAX = 60_000;
/** how our own lines begin: most of them need no parsing to be passed over */
const BEGINNING = /^\{"level":"([A-Z]+)","time":"([^"]{1,40})"/;
const NEWLINE = 0x0a;

const lineSchema = z.looseObject({ level: z.enum(LOG_LEVEL_WORDS), time: z.string(), service: z.string(), message: z.string() });

/** `path` undefined: this process was not told where the log is. */
export function createLogTail(path: string | undefined): LogReader {
  return {
    newest: async (query) => {
      if (path === undefined) throw new BotError(40004, 'the log file is not known to the API', { fix: 'set BOT_LOG_FILE to its path, or read the output of the processes', retryable: false });
      const file = await openLog(path);
      try {
        return await collect(file, query);
      } finally {
        await file.close();
      }
    },
  };
}

async function openLog(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new BotError(40004, `the log file cannot be read (${code})`, { foreignCode: code, fix: 'check BOT_LOG_FILE, and that the API may read the file' });
  }
}

async function collect(file: FileHandle, query: LogQuery): Promise<LogPage> {
  const { size } = await file.stat();
  const newestFirst: LogEntry[] = [];
  for await (const line of linesBackwards(file, size)) {
    const glance = BEGINNING.exec(line);
    if (glance !== null && Date.parse(glance[2] ?? '') < query.sinceMs - DISORDER_MS_MAX) return { entries: newestFirst.reverse(), complete: true };
    if (glance !== null && !isWeighty(glance[1], query.level)) continue;
    const entry = read(line);
    if (entry === undefined || !isWeighty(entry.level, query.level) || Date.parse(entry.time) < query.sinceMs) continue;
    if (newestFirst.length === query.limit) return { entries: newestFirst.reverse(), complete: false };
    newestFirst.push(entry);
  }
  return { entries: newestFirst.reverse(), complete: size <= READ_BYTES_MAX };
}

/** Whole lines, the last one first. The piece before the first line break that was read is no whole line unless the file begins there. */
async function* linesBackwards(file: FileHandle, size: number): AsyncGenerator<string> {
  const stopAt = Math.max(0, size - READ_BYTES_MAX);
  let rest = Buffer.alloc(0);
  for (let end = size; end > stopAt;) {
    const start = Math.max(stopAt, end - CHUNK_BYTES);
    const chunk = Buffer.alloc(end - start);
    const { bytesRead } = await file.read(chunk, 0, chunk.length, start);
    if (bytesRead < chunk.length) return; // shortened while it was read
    const bytes = Buffer.concat([chunk, rest]);
    end = start;
    const cut = start === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    rest = start > 0 && cut === 0 ? bytes : bytes.subarray(0, cut);
    if (rest === bytes) continue; // one line, longer than what was read so far
    for (const line of bytes.toString('utf8', cut).split('\n').reverse()) if (line !== '') yield line;
  }
}

function read(line: string): LogEntry | undefined {
  try {
    const { level, time, service, message, ...fields } = lineSchema.parse(JSON.parse(line));
    return { level, time, service, message, fields };
  } catch {
    return undefined; // no line of ours
  }
}

function isWeighty(level: string | undefined, least: LogLevelWord): boolean {
  return LOG_LEVEL_WORDS.findIndex((word) => word === level) >= LOG_LEVEL_WORDS.indexOf(least);
}
