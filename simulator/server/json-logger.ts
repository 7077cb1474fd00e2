/** One JSON line per message on stdout, as every process of the stack writes it. */
import type { LogFields, Logger } from '../../core/ports/logger.js';

export function jsonLogger(fields: LogFields): Logger {
  const write = (level: string, message: string, more: LogFields = {}): void => {
    process.stdout.write(`${JSON.stringify({ timestamp: new Date().toISOString(), level, message, ...fields, ...more })}\n`);
  };
  return {
    debug: (message, more) => write('DEBUG', message, more),
    info: (message, more) => write('INFO', message, more),
    warning: (message, more) => write('WARNING', message, more),
    error: (message, more) => write('ERROR', message, more),
    critical: (message, more) => write('CRITICAL', message, more),
    child: (more) => jsonLogger({ ...fields, ...more }),
  };
}
