/**
 * The logger of every process: one JSON line per message with `level` (DEBUG, INFO, WARNING, ERROR, CRITICAL: the
 * guide's words), `time` (ISO 8601, UTC), `service`, `instance` and `message`. Everything passes the redaction first.
 */
import { pino, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';
import type { LogFields, Logger } from '../core/ports/logger.js';
import type { LogLevel } from './environment.js';
import { createRedaction, type Redaction } from './redaction.js';

export interface LoggerOptions {
  service: string;
  instance: string;
  level: LogLevel;
  /** secret values that the process knows, to be scrubbed from every text */
  secrets?: readonly string[];
  /** absent: standard output, written synchronously so that a dying process has said its last words */
  destination?: DestinationStream;
}

type PinoLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';
const PINO_LEVEL: Record<LogLevel, PinoLevel> = { debug: 'debug', info: 'info', warning: 'warn', error: 'error', critical: 'fatal' };
const WORD: Record<string, string> = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR', fatal: 'CRITICAL' };
/** a field of one of these names would stand twice in the line */
const OWN_FIELDS = new Set(['level', 'time', 'service', 'instance', 'message']);

export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: PINO_LEVEL[options.level],
    base: { service: options.service, instance: options.instance },
    messageKey: 'message',
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: WORD[label] ?? label.toUpperCase() }) },
  };
  const root = options.destination === undefined ? pino(settings) : pino(settings, options.destination);
  return wrap(root, createRedaction(options.secrets ?? []));
}

function wrap(target: PinoLogger, redaction: Redaction): Logger {
  const at = (level: PinoLevel) => (message: string, fields: LogFields = {}): void => {
    if (target.isLevelEnabled(level)) target[level](safeFields(fields, redaction), redaction.text(message));
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warning: at('warn'),
    error: at('error'),
    critical: at('fatal'),
    child: (fields) => wrap(target.child(safeFields(fields, redaction)), redaction),
  };
}

function safeFields(fields: LogFields, redaction: Redaction): Record<string, unknown> {
  const safe = redaction.value({ ...fields }) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(safe).map(([name, value]) => [OWN_FIELDS.has(name) ? `field_${name}` : name, value]));
}
