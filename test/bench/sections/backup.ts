/** The runbook backup on a large ledger, restore and comparison included, beside plain `pg_dump | gzip` of the same ledger. */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import pg from 'pg';
import { findClientPrograms } from '../../../adapters/postgres/backup/client-programs.js';
import { processEnvironment } from '../../../config/process-environment.js';
import type { RunningStack } from '../../../embedded/stack.js';
import { startRun } from '../../drills/runbook-drill.js';
import { DEFAULT_CONFIGURATION } from '../configurations.js';
import type { Section } from '../section.js';
import { seconds, table } from '../table.js';

const SEED = 7;
const BATCH_ROWS = 250_000;
const RUN_MS_MAX = 3 * 3_600_000;
const VERIFY_STEP = 'verify by restore into a scratch database';
const SAMPLE_EVERY_MS = 200;
const BYTES_PER_MB = 1_024 * 1_024;
/** what a worker may take more while it handles any number of rows, MB */
const GROWTH_MB_WANTED = 200;

/** Of a symbol that nobody trades, long before the market begins; as large and as unlike each other as real ones. */
const CANDLES = `insert into price_data select 'BENCHUSDT', '1', to_timestamp(1000000000 + n * 60), 40000 + n % 977 + 0.5, 40990 + n % 7, 39000, 40100 + n % 613, (n * 7919 % 100003) / 1000.0, (n * 104729 % 1000003) / 7.0
  from generate_series($1::bigint, $2::bigint) n`;
const EXECUTIONS = `insert into executions select md5(n::text), 'Trade', null, md5((n / 3)::text), 'BENCHUSDT-s9x-' || n || '-e0', 'BENCHUSDT', case n % 2 when 0 then 'Buy' else 'Sell' end, '', 'CreateByUser',
  40000 + n % 977 + 0.1, (n * 7919 % 100003) / 1000.0, (n * 104729 % 1000003) / 7.0, (n % 9973) / 10000.0, 0.00055, n % 5 = 0, 0, 40000 + n % 911, to_timestamp(1000000000 + n * 7), n from generate_series($1::bigint, $2::bigint) n`;

export const backup: Section = async ({ options, sandbox, progress }) => {
  const market = { source: 'synthetic', seed: SEED, speed: 1 } as const;
  return sandbox.withStack({ dataDir: await sandbox.folder('backup'), configPath: DEFAULT_CONFIGURATION, market }, async (stack) => {
    const databaseBytes = await fill(stack.databaseUrl, options.rows, progress);
    const plain = await plainDump(stack.databaseUrl, join(await sandbox.folder('plain-dump'), 'plain.sql.gz'));
    progress(`pg_dump | gzip: ${seconds(plain.ms)} s, ${megabytes(plain.bytes)} MB`);
    const watch = watchMemory(stack);
    const startedMs = performance.now();
    const run = await (await startRun(stack, 'backup', { reason: 'measurement' })).ended(RUN_MS_MAX);
    const wholeMs = performance.now() - startedMs;
    const memory = watch.end();
    if (run.state !== 'completed') throw new Error(`the backup ended as ${run.state}: ${run.outcome ?? ''}`);
    const stepMs = (name: string): number => run.steps.filter((step) => step.name === name).reduce((sum, { started_at: from, ended_at: to }) => sum + Date.parse(to ?? '') - Date.parse(from ?? ''), 0);
    const dumpBytes = Number(run.figures['databaseBytes']);
    const growthMb = (memory.peak - memory.before) / BYTES_PER_MB;
    return {
      title: 'Backup and verified restore',
      lines: [
        `A ledger of ${options.rows} candles and executions (${megabytes(databaseBytes)} MB in the database); the stack trades on meanwhile. \`pg_dump | gzip\` writes the same ledger in the same run and proves nothing.`,
        'The dump includes the digests of all tables in its snapshot; the verification restores into a scratch database, compares the digests, lets amcheck read',
        `every table and index, and drops it. It said: ${run.steps.find(({ name }) => name === VERIFY_STEP)?.result ?? 'nothing'}.`,
        '',
        ...table(['', 'seconds', 'MB'], [
          ['pg_dump \\| gzip, unverified', seconds(plain.ms), megabytes(plain.bytes)],
          ['database backup, with digests', seconds(stepMs('database backup')), megabytes(dumpBytes)],
          [VERIFY_STEP, seconds(stepMs(VERIFY_STEP)), ''],
          ['the whole runbook', seconds(wholeMs), megabytes(Number(run.figures['bytes']))],
        ]),
        '',
        `Resident memory of the maintenance worker: ${megabytes(memory.before)} MB before, ${megabytes(memory.peak)} MB at its peak.`,
      ],
      reading: [
        `Backup of a ledger of ${options.rows} rows: dumped in ${seconds(stepMs('database backup'))} s (pg_dump | gzip: ${seconds(plain.ms)} s), restored and compared in ${seconds(stepMs(VERIFY_STEP))} s; the worker's memory grew by ${growthMb.toFixed(0)} MB.`,
      ],
      violations: growthMb < GROWTH_MB_WANTED ? [] : [`the maintenance worker grew by ${growthMb.toFixed(0)} MB during a backup`],
    };
  });
};

/** Bytes of the database when it is full. */
async function fill(databaseUrl: string, rows: number, progress: (message: string) => void): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const half = Math.floor(rows / 2);
    for (const [statement, count] of [[CANDLES, half], [EXECUTIONS, rows - half]] as const) {
      for (let from = 1; from <= count; from += BATCH_ROWS) await client.query(statement, [from, Math.min(count, from + BATCH_ROWS - 1)]);
      progress(`${count} rows written`);
    }
    await client.query('vacuum analyze price_data, executions');
    return Number((await client.query<{ bytes: string }>('select pg_database_size(current_database())::text as bytes')).rows[0]?.bytes);
  } finally {
    await client.end();
  }
}

async function plainDump(databaseUrl: string, file: string): Promise<{ ms: number; bytes: number }> {
  const { directory } = await findClientPrograms({ serverMajor: 13, directory: undefined, path: processEnvironment()['PATH'] ?? '' });
  const startedMs = performance.now();
  const dump = execa(join(directory, 'pg_dump'), [databaseUrl], { buffer: false, stdin: 'ignore' });
  const gzip = spawn('gzip', ['-c'], { stdio: ['pipe', 'pipe', 'inherit'] });
  await Promise.all([dump, pipeline(dump.stdout, gzip.stdin), pipeline(gzip.stdout, createWriteStream(file))]);
  return { ms: performance.now() - startedMs, bytes: (await stat(file)).size };
}

interface WatchedMemory {
  /** bytes */
  before: number;
  peak: number;
}

/** Of the worker alone: pg_dump and pg_restore are programs of their own. */
function watchMemory(stack: RunningStack): { end(): WatchedMemory } {
  const samples: number[] = [];
  const look = async (): Promise<void> => {
    const { stdout } = await execa('ps', ['-o', 'rss=', '-p', String(stack.pids()['maintenance-worker'])], { reject: false });
    if (stdout.trim() !== '') samples.push(Number(stdout) * 1_024);
  };
  const timer = setInterval(() => void look(), SAMPLE_EVERY_MS);
  void look();
  return {
    end: () => {
      clearInterval(timer);
      return { before: samples[0] ?? 0, peak: Math.max(...samples) };
    },
  };
}

function megabytes(bytes: number): string {
  return (bytes / BYTES_PER_MB).toFixed(bytes < 100 * BYTES_PER_MB ? 1 : 0);
}
