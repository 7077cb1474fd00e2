/**
 * Everything before the start of the embedded PostgreSQL: programs found, files made, left-overs cleared.
 *
 * Safe to call before every start and every restart. The caller holds the lock of the data directory: a server that still
 * runs on it is taken for a left-over and stopped.
 */
import { chownSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pickFreePort } from '../free-ports.js';
import { silent, type OnProgress } from '../progress.js';
import { findPostgres } from './binaries.js';
import { openClusterHome, type ClusterHome } from './cluster-home.js';
import { createCluster, statisticsAvailable } from './create-cluster.js';
import { openCredentials, SUPERUSER, TRADING_DATABASE, TRADING_ROLE, type KnownPasswords } from './credentials.js';
import type { PostgresBinaries } from './inspect-binaries.js';
import { endLeftovers } from './leftovers.js';
import { renderSettings, SETTINGS_FILE, socketFits } from './server-settings.js';

export interface PostgresOptions {
  /** the database's own folder inside the data directory */
  dataDir: string;
  /** 0: any free one; give the same port at a restart, so that clients find it again */
  port: number;
  /** where programs are looked for: PATH, HOME, XDG_CACHE_HOME */
  env: NodeJS.ProcessEnv;
  sharedBuffersMb?: number;
  /** false: a loss of power can destroy the database; only for databases that tests throw away */
  durable?: boolean;
  /** folders searched for programs before npm's; default: the system's */
  systemDirectories?: readonly string[];
  onProgress?: OnProgress;
  /** those of an earlier start, for files that were lost since */
  passwords?: KnownPasswords | undefined;
  /** a cluster that no server can open any more is kept under this name beside the new one that is made; asking twice keeps the first */
  setAside?: string | undefined;
}

export interface PreparedPostgres {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  /** must be the working directory of the start: the database's user may be unable to enter ours */
  cwd: string;
  /** undefined: as ourselves */
  uid: number | undefined;
  gid: number | undefined;
  port: number;
  /** role `trading_user`, database `trading_bot_prod`; holds the password: never log it */
  databaseUrl: string;
  /** for restores and extensions only; holds the password: never log it */
  superuserUrl: string;
  /** never log them */
  passwords: KnownPasswords;
  binDirectory: string;
  version: string;
  cluster: string;
  logs: string;
  /** fast shutdown: sessions are ended, everything is written */
  stopSignal: 'SIGINT';
}

const DEFAULT_SHARED_BUFFERS_MB = 256;

export async function preparePostgres(options: PostgresOptions): Promise<PreparedPostgres> {
  const onProgress = options.onProgress ?? silent;
  const home = openClusterHome(options.dataDir);
  await endLeftovers(home.cluster, onProgress);
  if (options.setAside !== undefined) setAside(home, options.setAside);
  const binaries = await findPostgres({
    env: options.env, user: home.user, major: existingMajor(home.cluster), onProgress,
    ...(options.systemDirectories === undefined ? {} : { systemDirectories: options.systemDirectories }),
  });
  const credentials = openCredentials(home, options.passwords);
  const writeSettings = (cluster: string): void => saveSettings(cluster, { home, binaries, options });
  if (!existsSync(home.cluster)) await createCluster({ home, binaries, credentials, onProgress, writeSettings });
  writeSettings(home.cluster);
  const port = options.port === 0 ? await pickFreePort() : options.port;
  return {
    ...launchOf(home, binaries, port),
    databaseUrl: `postgresql://${TRADING_ROLE}:${credentials.tradingPassword}@127.0.0.1:${port}/${TRADING_DATABASE}`,
    superuserUrl: `postgresql://${SUPERUSER}:${credentials.superuserPassword}@127.0.0.1:${port}/postgres`,
    passwords: { superuser: credentials.superuserPassword, trading: credentials.tradingPassword },
  };
}

function setAside({ cluster, directory }: ClusterHome, name: string): void {
  const kept = join(directory, basename(name));
  if (existsSync(cluster) && !existsSync(kept)) renameSync(cluster, kept);
}

function launchOf(home: ClusterHome, binaries: PostgresBinaries, port: number): Omit<PreparedPostgres, 'databaseUrl' | 'superuserUrl' | 'passwords'> {
  return {
    command: join(binaries.binDirectory, 'postgres'),
    args: ['-D', home.cluster, '-p', String(port)],
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    cwd: home.cluster,
    uid: home.user?.uid,
    gid: home.user?.gid,
    port,
    binDirectory: binaries.binDirectory,
    version: binaries.version,
    cluster: home.cluster,
    logs: home.logs,
    stopSignal: 'SIGINT',
  };
}

function existingMajor(cluster: string): number | undefined {
  const file = join(cluster, 'PG_VERSION');
  return existsSync(file) ? Number(readFileSync(file, 'utf8').trim()) : undefined;
}

function saveSettings(
  cluster: string,
  { home, binaries, options }: { home: ClusterHome; binaries: PostgresBinaries; options: PostgresOptions },
): void {
  const file = join(cluster, SETTINGS_FILE);
  writeFileSync(file, renderSettings({
    logs: home.logs,
    sockets: socketFits(home.sockets) ? home.sockets : undefined,
    sharedBuffersMb: options.sharedBuffersMb ?? DEFAULT_SHARED_BUFFERS_MB,
    durable: options.durable ?? true,
    preloadStatistics: statisticsAvailable(binaries),
  }), { flush: true });
  if (home.user !== undefined) chownSync(file, home.user.uid, home.user.gid);
}
