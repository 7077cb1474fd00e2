/**
 * The log lines of all parts, brought to one form: JSON with `level`, `time`, `service` and `message`. Our own processes
 * write it already; what a database or a Temporal server says is rewritten.
 */
import { z } from 'zod';

export type LogLevelWord = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';

export interface LogLine {
  level: LogLevelWord;
  /** ISO 8601, UTC */
  time: string;
  service: string;
  message: string;
  fields: Record<string, unknown>;
  /** the line as it goes into the file, without the line break */
  json: string;
}

const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const;
const ownLine = z.looseObject({ level: z.enum(LEVELS), time: z.string(), service: z.string(), message: z.string() });
/** Temporal's server, --log-format json (Go's slog) */
const serverLine = z.looseObject({ level: z.string(), time: z.string(), msg: z.string() });

/** Who said the text that is to be understood. */
export interface LineSource {
  service: string;
  stream: 'stdout' | 'stderr';
  /** scrubs secrets out of text that did not pass our own logger */
  redact: (text: string) => string;
}

/** undefined for an empty line */
export function readLogLine(text: string, source: LineSource): LogLine | undefined {
  if (text.trim() === '') return undefined;
  const parsed = parseObject(text);
  const own = ownLine.safeParse(parsed);
  if (own.success) {
    const { level, time, service, message, ...fields } = own.data;
    return { level, time, service, message, fields, json: text };
  }
  const server = serverLine.safeParse(parsed);
  if (server.success) {
    const { level, time, msg, ...fields } = server.data;
    const details = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`;
    return rewritten({ level: levelOf(level), time, service: source.service, message: source.redact(`${msg}${details}`) });
  }
  return rewritten({ level: levelOfText(text, source.stream), time: new Date().toISOString(), service: source.service, message: source.redact(text) });
}

function rewritten(line: Pick<LogLine, 'level' | 'time' | 'service' | 'message'>): LogLine {
  return { ...line, fields: {}, json: JSON.stringify(line) };
}

function parseObject(text: string): unknown {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // plain text that begins with a brace
  }
}

function levelOf(word: string): LogLevelWord {
  return LEVELS.find((level) => level.startsWith(word.toUpperCase().slice(0, 4))) ?? 'INFO';
}

/** PostgreSQL names its severity in the line; node's own notices are no errors of the part. */
function levelOfText(text: string, stream: 'stdout' | 'stderr'): LogLevelWord {
  if (/\b(FATAL|PANIC|ERROR):/.test(text)) return 'ERROR';
  if (/\bWARNING:/.test(text)) return 'WARNING';
  if (/\b(LOG|NOTICE|HINT|DETAIL|STATEMENT|CONTEXT):/.test(text) || /^\(node:\d+\)|^\(Use `node/.test(text)) return 'INFO';
  return stream === 'stderr' ? 'WARNING' : 'INFO';
}
