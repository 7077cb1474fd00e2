/** The one log file of the stack, rotated by size: the file that the maintenance guide greps. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { createStream } from 'rotating-file-stream';
import { BotError } from '../core/errors/bot-error.js';

export const LOG_FILE_NAME = 'trading_bot.log';
/** Guide, "Log Rotation": 100 MB */
const ROTATE_AT = '100M';
const KEPT_FILES = 14;
const OWNER_ONLY = 0o600;

export interface LogFile {
  path: string;
  write(line: string): void;
  close(): Promise<void>;
}

/** Throws 10007 when the folder cannot be written. A disk that fails later is told once by `onFailure` and logging goes on elsewhere. */
export function openLogFile(directory: string, onFailure: (message: string) => void): LogFile {
  try {
    accessSync(directory, constants.W_OK);
  } catch {
    throw new BotError(10007, `The log folder ${directory} cannot be written`);
  }
  const stream = createStream(LOG_FILE_NAME, { path: directory, size: ROTATE_AT, maxFiles: KEPT_FILES, mode: OWNER_ONLY });
  let failed = false;
  stream.on('error', (error) => {
    if (!failed) onFailure(`log file: ${error.message}`);
    failed = true;
  });
  return {
    path: join(directory, LOG_FILE_NAME),
    write: (line) => void (failed || stream.write(`${line}\n`)),
    close: () => new Promise((resolve) => (failed ? resolve() : stream.end(() => resolve()))),
  };
}
