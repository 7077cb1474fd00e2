/** Reads a PostgreSQL connection string. A bad one is described without repeating it: it holds the password. */
import { BotError } from '../../core/errors/bot-error.js';

/** `host:port/database`: the only form of a connection string that may appear in logs, errors and status. */
export function describeDatabase(databaseUrl: string): string {
  const url = parseDatabaseUrl(databaseUrl);
  return `${url.hostname || 'localhost'}:${url.port || '5432'}${url.pathname}`;
}

/** Every server has it; who makes, renames or drops a database is connected to this one. */
export const MAINTENANCE_DATABASE = 'postgres';

/** The same server and login, another database. */
export function withDatabase(databaseUrl: string, database: string): string {
  const url = parseDatabaseUrl(databaseUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.toString();
}

function parseDatabaseUrl(databaseUrl: string): URL {
  if (!URL.canParse(databaseUrl) || !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw new BotError(10003, 'DATABASE_URL is not a PostgreSQL connection string', {
      fix: 'Write it as postgresql://user:password@host:5432/database (special characters percent-encoded).',
      retryable: false,
    });
  }
  return new URL(databaseUrl);
}
