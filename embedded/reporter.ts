/** What the stack tells whoever started it: a person at a terminal, or a program that wants silence. */
import type { LogLine } from './log-line.js';

export interface StackReporter {
  /** a step of the start has begun; report `progress` and `done` under the same name */
  started(step: string): void;
  progress(step: string, message: string): void;
  done(step: string, message?: string): void;
  /** the step is over without success; the reason is told elsewhere */
  dropped(step: string): void;
  /** a sentence that the operator should see now */
  say(message: string): void;
  /** every log line of every part, as it goes into the log file */
  logged(line: LogLine): void;
}

const ignore = (): void => undefined;

export const quietReporter: StackReporter = { started: ignore, progress: ignore, done: ignore, dropped: ignore, say: ignore, logged: ignore };
