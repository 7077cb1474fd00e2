/** A database of its own for a test file: current schema, empty, on the run's real PostgreSQL server. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { withDatabase } from '../../adapters/postgres/database-url.js';
import { ensureTestServer, TEMPLATE_DATABASE } from './postgres-server.js';
import type {} from './global-postgres.js';

export interface TestDatabase {
  name: string;
  /** role `trading_user`, which owns the database */
  databaseUrl: string;
  superuserUrl: string;
  /** where pg_dump and pg_restore of the server's version are, when the installation has them */
  binDirectory: string;
  /** runs one statement, beside whatever the code under test does, and returns its rows */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** ends its sessions and removes it */
  drop(): Promise<void>;
}

/** `empty`: without any table, for tests of the migrations themselves. */
export async function createTestDatabase(content: 'migrated' | 'empty' = 'migrated'): Promise<TestDatabase> {
  const server = await ensureTestServer(inject('postgresDirectory'));
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const template = content === 'migrated' ? TEMPLATE_DATABASE : 'template0';
  await runStatement(server.databaseUrl, `create database ${name} template ${template}`);
  const databaseUrl = withDatabase(server.databaseUrl, name);
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  // A resting connection that the code under test ends; the next query opens a new one.
  pool.on('error', () => undefined);
  return {
    name,
    databaseUrl,
    superuserUrl: withDatabase(server.superuserUrl, name),
    binDirectory: server.binDirectory,
    query: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) => (await pool.query<Row>(text, values)).rows,
    drop: async () => {
      await pool.end();
      await runStatement(server.superuserUrl, `drop database if exists ${name} with (force)`);
    },
  };
}

async function runStatement(databaseUrl: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
