/** What the API needs of the log file. Types only; `adapters/host` implements it. */

/** The guide's words, in the order of their weight. */
export const LOG_LEVEL_WORDS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const;
export type LogLevelWord = (typeof LOG_LEVEL_WORDS)[number];

export interface LogEntry {
  level: LogLevelWord;
  /** ISO 8601, UTC, host clock */
  time: string;
  service: string;
  message: string;
  fields: Record<string, unknown>;
}

export interface LogQuery {
  /** this one and weightier ones */
  level: LogLevelWord;
  /** host ms; 0: from the beginning */
  sinceMs: number;
  /** of entries */
  limit: number;
}

export interface LogPage {
  /** the newest that match, oldest first */
  entries: LogEntry[];
  /** false: there are more that match, or older parts of the log were not looked at */
  complete: boolean;
}

export interface LogReader {
  /** Rejects with 40004 when there is no log to read. */
  newest(query: LogQuery): Promise<LogPage>;
}
