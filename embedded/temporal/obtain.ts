/**
 * Finds a Temporal server, or gets one, in the order that surprises least: the one the operator named, one on the PATH,
 * our cache, the official download, a build with Go.
 *
 * Invariants
 * 1. No binary is returned that has not told its own version.
 * 2. Two callers never fill the cache at once; the second takes what the first has put there.
 * 3. A named binary (TEMPORAL_CLI_PATH) that does not work is an error, never silently replaced by another one.
 */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { BotError, isBotError } from '../../core/errors/bot-error.js';
import { silent, type OnProgress } from '../progress.js';
import { buildWithGo, goVersion } from './build-with-go.js';
import { cliCache, storeInCache, withCacheLock, withScratchFolder, type CliCache } from './cli-cache.js';
import { downloadCli, OFFICIAL_DOWNLOAD_URL } from './download-cli.js';
import { isSupportedServer, PINNED_CLI_VERSION, PINNED_SERVER_VERSION, readServerVersion } from './server-version.js';

export type TemporalServerSource = 'TEMPORAL_CLI_PATH' | 'PATH' | 'cache' | 'download' | 'go install';

export interface TemporalServer {
  path: string;
  /** of the server inside the CLI, such as "1.29.1" */
  version: string;
  source: TemporalServerSource;
}

export interface ObtainOptions {
  env: NodeJS.ProcessEnv;
  onProgress?: OnProgress;
  /** a mirror of the official download host */
  downloadBaseUrl?: string;
  /** gives up, and ends a download or a build that is under way */
  signal?: AbortSignal;
}

interface Search {
  signal: AbortSignal;
  env: NodeJS.ProcessEnv;
  onProgress: OnProgress;
  downloadBaseUrl: string;
  cache: CliCache;
  /** what was tried without success, for the final error */
  tried: string[];
}

/** Rejects with 10006, naming everything that was tried, when there is no way to a server. */
export async function obtainTemporalServer(options: ObtainOptions): Promise<TemporalServer> {
  const search: Search = {
    env: options.env,
    onProgress: options.onProgress ?? silent,
    downloadBaseUrl: options.downloadBaseUrl ?? OFFICIAL_DOWNLOAD_URL,
    cache: cliCache(options.env),
    tried: [],
    signal: options.signal ?? new AbortController().signal,
  };
  return (await named(search)) ?? (await onPath(search)) ?? (await cached(search)) ?? (await fillCache(search));
}

async function named(search: Search): Promise<TemporalServer | undefined> {
  const path = search.env['TEMPORAL_CLI_PATH'];
  if (path === undefined || path === '') return undefined;
  const version = await readServerVersion(path);
  if (version !== undefined && isSupportedServer(version)) return { path, version, source: 'TEMPORAL_CLI_PATH' };
  const what = version === undefined ? 'is not a working temporal binary' : `contains server ${version}, ${PINNED_SERVER_VERSION} or newer is needed`;
  throw new BotError(10006, `TEMPORAL_CLI_PATH=${path} ${what}`, { fix: 'Correct TEMPORAL_CLI_PATH, or unset it to let a server be found' });
}

async function onPath(search: Search): Promise<TemporalServer | undefined> {
  const name = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
  for (const folder of (search.env['PATH'] ?? '').split(delimiter).filter((each) => each !== '')) {
    const path = join(folder, name);
    if (!(await isExecutable(path))) continue;
    const version = await readServerVersion(path);
    if (version !== undefined && isSupportedServer(version)) return { path, version, source: 'PATH' };
    search.tried.push(`${path} on the PATH (${version === undefined ? 'does not work' : `server ${version} is too old`})`);
    return undefined;
  }
  search.tried.push('no temporal on the PATH');
  return undefined;
}

async function cached(search: Search): Promise<TemporalServer | undefined> {
  const { binaryPath } = search.cache;
  const version = (await isExecutable(binaryPath)) ? await readServerVersion(binaryPath) : undefined;
  if (version === PINNED_SERVER_VERSION) return { path: binaryPath, version, source: 'cache' };
  return undefined;
}

function fillCache(search: Search): Promise<TemporalServer> {
  search.tried.push(`nothing usable in the cache ${search.cache.directory}`);
  return withCacheLock(search.cache, search, async () => {
    const meanwhile = await cached(search);
    return meanwhile ?? (await downloaded(search)) ?? (await built(search)) ?? fail(search);
  });
}

function downloaded(search: Search): Promise<TemporalServer | undefined> {
  return intoCache(search, 'download', (folder) => downloadCli(folder, { baseUrl: search.downloadBaseUrl, onProgress: search.onProgress, signal: search.signal }));
}

async function built(search: Search): Promise<TemporalServer | undefined> {
  const go = await goVersion(search.env);
  if (go === undefined) {
    search.tried.push('no Go on the PATH to build it with');
    return undefined;
  }
  search.onProgress(`found ${go}`);
  return intoCache(search, 'go install', (folder) => buildWithGo(folder, search));
}

function intoCache(search: Search, source: 'download' | 'go install', get: (folder: string) => Promise<string>): Promise<TemporalServer | undefined> {
  return withScratchFolder(search.cache, async (folder) => {
    try {
      const arrived = await get(folder);
      const version = await readServerVersion(arrived);
      if (version !== PINNED_SERVER_VERSION) throw new BotError(10006, `${source} brought server ${version ?? 'of unknown version'} instead of ${PINNED_SERVER_VERSION}`);
      await storeInCache(search.cache, arrived);
      return { path: search.cache.binaryPath, version, source };
    } catch (error) {
      if (!isBotError(error)) throw error;
      if (search.signal.aborted) throw error;
      search.tried.push(error.message);
      search.onProgress(error.message);
      return undefined;
    }
  });
}

function fail(search: Search): never {
  throw new BotError(10006, `No Temporal server could be found or got: ${search.tried.join('; ')}`, {
    fix: `Do one of: set TEMPORAL_ADDRESS to a running server · set TEMPORAL_CLI_PATH to a temporal binary, or put it on the PATH · `
      + `allow access to ${new URL(search.downloadBaseUrl).host} · install Go (https://go.dev/dl) so that temporal ${PINNED_CLI_VERSION} can be built`,
  });
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent or not executable: not a candidate
  }
}
