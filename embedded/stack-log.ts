/** Where the words of all parts come together: every line into the log file, and to whoever reports to the operator. */
import { createLogger } from '../config/logging.js';
import { createRedaction } from '../config/redaction.js';
import type { Logger } from '../core/ports/logger.js';
import type { LogFile } from './log-file.js';
import { readLogLine } from './log-line.js';
import type { StackReporter } from './reporter.js';

export interface StackLog {
  /** of the stack itself */
  logger: Logger;
  /** one line of a part's output */
  heard(service: string, stream: 'stdout' | 'stderr', text: string): void;
  redact(text: string): string;
  /** from now on this value appears nowhere */
  addSecret(secret: string): void;
}

export function createStackLog(file: LogFile, reporter: StackReporter): StackLog {
  const secrets: string[] = [];
  const redact = (text: string): string => createRedaction(secrets).text(text);
  const heard: StackLog['heard'] = (service, stream, text) => {
    const line = readLogLine(text, { service, stream, redact });
    if (line === undefined) return;
    file.write(line.json);
    reporter.logged(line);
  };
  const destination = { write: (text: string): void => heard('stack', 'stdout', redact(text.trimEnd())) };
  const logger = createLogger({ service: 'stack', instance: '1', level: 'info', destination });
  return { logger, heard, redact, addSecret: (secret) => void secrets.push(secret) };
}
