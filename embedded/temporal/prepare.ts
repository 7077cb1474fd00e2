/**
 * How the Temporal server is started: its command line and its file.
 *
 * Invariants
 * 1. It listens on loopback only: a development server has no authorisation.
 * 2. An SQLite file is opened only by the server version that made it. The file has no migrations, so another version gets
 *    a fresh file and the old one is set aside; the bot is rebuilt from the ledger and the exchange.
 * 3. The version is on disk before the server makes its file, so no file is ever without one.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { TemporalServer } from './obtain.js';

const LOOPBACK = '127.0.0.1';
const DATABASE_FILE = 'temporal.db';
const VERSION_FILE = 'server-version.json';
/** SQLite keeps a write-ahead log and its index beside the file; the three belong together. */
const DATABASE_SUFFIXES = ['', '-wal', '-shm'] as const;

/** Write-ahead log with a flush per commit: fast, and no acknowledged message is lost, not even with the power. */
const SQLITE_PRAGMAS = ['journal_mode=WAL', 'synchronous=FULL', 'busy_timeout=5000'] as const;

/** The defaults let one shard read 20 tasks a second, which costs five times the latency, and hold back one query for a busy workflow. Measured; see docs/ARCHITECTURE.md. */
const DYNAMIC_CONFIG = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  'history.visibilityProcessorMaxPollRPS=200',
  'history.MaxBufferedQueryCount=100',
  'system.enableActivityEagerExecution=true',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
] as const;

export interface PrepareTemporalOptions {
  server: Pick<TemporalServer, 'path' | 'version'>;
  /** folder of the server's files; created when absent */
  directory: string;
  port: number;
  metricsPort: number;
  /** null: no Web UI */
  uiPort: number | null;
  namespace: string;
}

export interface PreparedTemporal {
  command: string;
  args: string[];
  address: string;
  uiUrl: string | null;
  /** what the operator should be told: present when an older file was set aside */
  notice: string | undefined;
}

export function prepareTemporal(options: PrepareTemporalOptions): PreparedTemporal {
  mkdirSync(options.directory, { recursive: true });
  const notice = setAsideFileOfOtherVersion(options.directory, options.server.version);
  return {
    command: options.server.path,
    args: commandLine(options),
    address: `${LOOPBACK}:${options.port}`,
    uiUrl: options.uiPort === null ? null : `http://${LOOPBACK}:${options.uiPort}`,
    notice,
  };
}

function commandLine(options: PrepareTemporalOptions): string[] {
  const ui = options.uiPort === null ? ['--headless'] : ['--ui-ip', LOOPBACK, '--ui-port', String(options.uiPort)];
  return [
    'server', 'start-dev',
    '--db-filename', join(options.directory, DATABASE_FILE),
    '--ip', LOOPBACK,
    '--port', String(options.port),
    '--metrics-port', String(options.metricsPort),
    ...ui,
    '--namespace', options.namespace,
    ...SQLITE_PRAGMAS.flatMap((pragma) => ['--sqlite-pragma', pragma]),
    ...DYNAMIC_CONFIG.flatMap((value) => ['--dynamic-config-value', value]),
    // Below error it reports every connection of a start and a stop, which alarms without telling anything.
    '--log-level', 'error',
    '--log-format', 'json',
  ];
}

function setAsideFileOfOtherVersion(directory: string, version: string): string | undefined {
  const recorded = readRecordedVersion(directory);
  const exists = existsSync(join(directory, DATABASE_FILE));
  const notice = exists && recorded !== version ? setAside(directory, recorded ?? 'unknown', version) : undefined;
  if (recorded !== version) writeAtomically(join(directory, VERSION_FILE), JSON.stringify({ serverVersion: version }));
  return notice;
}

function setAside(directory: string, from: string, to: string): string {
  const stamp = new Date().toISOString().replaceAll(':', '-');
  const asideName = `set-aside-${from}-${stamp}.db`;
  // The log goes before the file it belongs to: an interruption leaves the main file here, and the next start moves it.
  for (const suffix of [...DATABASE_SUFFIXES].reverse()) {
    const source = join(directory, `${DATABASE_FILE}${suffix}`);
    if (existsSync(source)) renameSync(source, join(directory, `${asideName}${suffix}`));
  }
  return `Temporal server ${to} starts a fresh file: the one here was made by ${from} and is kept as ${asideName}; the bot is rebuilt from the ledger and the exchange`;
}

function readRecordedVersion(directory: string): string | undefined {
  try {
    const text = readFileSync(join(directory, VERSION_FILE), 'utf8');
    return z.object({ serverVersion: z.string() }).parse(JSON.parse(text)).serverVersion;
  } catch {
    return undefined; // first start, or a damaged record: either way the maker of the file is not known
  }
}

function writeAtomically(path: string, text: string): void {
  const incoming = `${path}.incoming`;
  writeFileSync(incoming, text);
  renameSync(incoming, path);
}
