/** What every module may ask of a logger. Levels are the guide's words. Fields must be safe to show: no secrets, no foreign objects. */
export type LogFields = Record<string, unknown>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warning(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  critical(message: string, fields?: LogFields): void;
  child(fields: LogFields): Logger;
}
