/**
 * The one log file of the stack, rotated by size: the file that the maintenance guide greps.
 *
 * Invariants
 * 1. A log that cannot be written stops nobody: its lines go elsewhere (standard output), the trouble is told once (10007)
 *    and the file is tried again every `TRY_AGAIN_MS`.
 * 2. Every line goes to exactly one place; lines that were on their way into a file that failed are lost with it.
 */
import { join } from 'node:path';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';
import { BotError } from '../core/errors/bot-error.js';

export const LOG_FILE_NAME = 'trading_bot.log';
/** Guide, "Log Rotation": 100 MB */
const ROTATE_AT = '100M';
const KEPT_FILES = 14;
const OWNER_ONLY = 0o600;
const TRY_AGAIN_MS = 30_000;

/** A `BotError` 10007 when the file fails, `over` when it is written again. */
export type LogTrouble = BotError | 'over';

export interface LogFile {
  path: string;
  write(line: string): void;
  /** who is told of trouble; what happened before is told at once */
  onTrouble(listener: (trouble: LogTrouble) => void): void;
  close(): Promise<void>;
}

export interface LogFileOptions {
  directory: string;
  /** takes the lines while the file cannot */
  elsewhere(line: string): void;
  tryAgainMs?: number;
}

export function openLogFile(options: LogFileOptions): LogFile {
  return new RotatedLogFile(options);
}

class RotatedLogFile implements LogFile {
  readonly path: string;
  private stream: RotatingFileStream | undefined;
  private isFailing = false;
  private isClosed = false;
  private timer: NodeJS.Timeout | undefined;
  private untold: LogTrouble[] = [];
  private listener: ((trouble: LogTrouble) => void) | undefined;

  constructor(private readonly options: LogFileOptions) {
    this.path = join(options.directory, LOG_FILE_NAME);
    this.open();
  }

  write(line: string): void {
    if (this.isFailing || this.stream === undefined) this.options.elsewhere(line);
    else this.stream.write(`${line}\n`);
  }

  onTrouble(listener: (trouble: LogTrouble) => void): void {
    this.listener = listener;
    for (const trouble of this.untold.splice(0)) listener(trouble);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    const { stream } = this;
    if (stream === undefined || this.isFailing) return;
    await new Promise<void>((resolve) => {
      stream.once('error', () => resolve());
      stream.end(() => resolve());
    });
  }

  private open(): void {
    const stream = createStream(LOG_FILE_NAME, { path: this.options.directory, size: ROTATE_AT, maxFiles: KEPT_FILES, mode: OWNER_ONLY });
    this.stream = stream;
    stream.on('error', (error) => { if (stream === this.stream) this.failed(error); });
    stream.once('open', () => { if (stream === this.stream) this.succeeded(); });
  }

  private failed(error: Error): void {
    this.stream = undefined;
    if (this.isClosed) return;
    this.timer = setTimeout(() => this.open(), this.options.tryAgainMs ?? TRY_AGAIN_MS);
    this.timer.unref();
    if (this.isFailing) return;
    this.isFailing = true;
    this.tell(new BotError(10007, `The log file ${this.path} cannot be written: ${error.message}`, {
      fix: `Check permissions and free space of ${this.options.directory}; until then the lines go to standard output`,
    }));
  }

  private succeeded(): void {
    if (!this.isFailing) return;
    this.isFailing = false;
    this.tell('over');
  }

  private tell(trouble: LogTrouble): void {
    if (this.listener === undefined) this.untold.push(trouble);
    else this.listener(trouble);
  }
}
