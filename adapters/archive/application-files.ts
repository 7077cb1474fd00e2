/**
 * What a backup holds besides the database, as tar.gz files: configuration, what the bot wrote, and the program as it runs.
 *
 * Invariants
 * 1. Data directories of PostgreSQL and Temporal are never copied: files of a running server are no backup.
 * 2. Files that hold secrets are only packed where the archive is encrypted afterwards; else they are named as left out.
 */
import { createWriteStream, existsSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { create } from 'tar';
import { BotError, isBotError } from '../../core/errors/bot-error.js';
import type { ApplicationFiles, PackedFiles, WorkInHand } from '../../core/ports/backups.js';
import { fileError } from './archive-errors.js';
import { OWNER_ONLY } from './durable-files.js';

export interface ApplicationFilesOptions {
  configPath: string;
  /** absolute */
  dataDir: string;
  /** absolute: logs and reports where they are no part of the data directory, by name */
  besides: Readonly<Record<string, string>>;
  /** of the installation, absolute */
  programDirectory: string;
  /** where .env files are looked for, absolute */
  workingDirectory: string;
  /** never packed, absolute: where backups are kept */
  backupDirectory: string;
}

const STRATEGIES = 'strategies';
/** lives in the data directory, and is no data of ours or of this moment only */
const NEVER = new Set(['postgres', 'temporal', 'run', 'node_modules']);
const CLUSTER_MARK = 'PG_VERSION';
const SECRET = /(^\.env(\..+)?$|\.(password|pem|key)$|^paper-keys\.json$|identity)/;
const PROGRAM = ['dist', 'package.json', 'package-lock.json', 'adapters/postgres/migrations', 'scripts', 'docs', 'README.md', 'LICENSE'];
/** a log may be rotated while it is read */
const ATTEMPTS_MAX = 3;
const GZIP_LEVEL = 3;
const GIT_TIMEOUT_MS = 120_000;

export function createApplicationFiles(options: ApplicationFilesOptions): ApplicationFiles {
  const roots = (): Record<string, string> => ({ data: options.dataDir, ...options.besides });
  return {
    folders: () => Promise.resolve(Object.entries(roots()).filter(([, directory]) => existsSync(directory)).map(([name]) => name)),
    packFolder: ({ name, file, secrets }, work) => packFolder({ directory: roots()[name] ?? '', backups: options.backupDirectory, file, secrets }, work),
    packConfiguration: ({ file }, work) => packConfiguration(options.configPath, file, work),
    packEnvironment: ({ file }, work) => packEnvironment(options.workingDirectory, file, work),
    packSource: ({ file }, work) => packSource(options.programDirectory, file, work),
  };
}

async function packConfiguration(configPath: string, file: string, work: WorkInHand): Promise<PackedFiles> {
  const directory = path.dirname(configPath);
  const entries = [path.basename(configPath), ...(existsSync(path.join(directory, STRATEGIES)) ? [STRATEGIES] : [])];
  await pack({ directory, entries, file }, work);
  return { holds: `configuration: ${entries.join(', ')}`, leftOut: [] };
}

async function packEnvironment(directory: string, file: string, work: WorkInHand): Promise<PackedFiles | null> {
  const entries = (await readdir(directory)).filter((name) => /^\.env(\..+)?$/.test(name));
  if (entries.length === 0) return null;
  await pack({ directory, entries, file }, work);
  return { holds: `environment files: ${entries.join(', ')}`, leftOut: [] };
}

async function packFolder({ directory, backups, file, secrets }: { directory: string; backups: string; file: string; secrets: boolean }, work: WorkInHand): Promise<PackedFiles> {
  const found = await walk(directory, { backups, root: directory });
  const leftOut = secrets ? [] : found.filter((entry) => SECRET.test(path.basename(entry)));
  const entries = found.filter((entry) => !leftOut.includes(entry));
  await pack({ directory, entries, file }, work);
  return { holds: `${entries.length} files of ${path.basename(directory)}`, leftOut };
}

/** Paths of files below `directory`, relative to `root`, in an order that does not depend on the disk. */
async function walk(directory: string, { backups, root }: { backups: string; root: string }): Promise<string[]> {
  const names = (await readdir(directory)).sort();
  if (names.includes(CLUSTER_MARK) || path.resolve(directory) === path.resolve(backups)) return [];
  const found: string[] = [];
  for (const name of names) {
    const entry = path.join(directory, name);
    const kind = await lstat(entry).catch(() => undefined); // … gone meanwhile, as a temporary file goes
    if (kind === undefined) continue;
    if (kind.isDirectory() && !NEVER.has(name)) found.push(...(await walk(entry, { backups, root })));
    if (kind.isFile()) found.push(path.relative(root, entry));
  }
  return found;
}

async function packSource(directory: string, file: string, work: WorkInHand): Promise<PackedFiles> {
  const commit = await packCommit(directory, file, work);
  if (commit !== null) return { holds: `source code of commit ${commit} (git archive)`, leftOut: [] };
  const entries = PROGRAM.filter((entry) => existsSync(path.join(directory, entry)));
  await pack({ directory, entries, file }, work);
  return { holds: `the installed program: ${entries.join(', ')}; npm ci brings its packages`, leftOut: [] };
}

/** null: this is no checkout, or there is no git */
async function packCommit(directory: string, file: string, work: WorkInHand): Promise<string | null> {
  if (!existsSync(path.join(directory, '.git'))) return null;
  const git = { cwd: directory, reject: false, stdin: 'ignore', timeout: GIT_TIMEOUT_MS, cancelSignal: work.signal } as const;
  const head = await execa('git', ['rev-parse', 'HEAD'], git);
  if (head.exitCode !== 0) return null;
  const archived = await execa('git', ['archive', '--format=tar.gz', `--output=${file}`, 'HEAD'], git);
  work.signal.throwIfAborted();
  if (archived.exitCode === 0) return head.stdout.trim();
  if (/no space left/i.test(archived.stderr)) throw new BotError(10006, 'could not archive the source code: the disk is full', { retryable: false });
  return null;
}

interface PackJob {
  directory: string;
  entries: readonly string[];
  file: string;
}

async function pack(job: PackJob, work: WorkInHand): Promise<void> {
  work.progress(`packing ${path.basename(job.file)}`);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await packOnce(job, work);
      return;
    } catch (error) {
      work.signal.throwIfAborted();
      const rebuilt = fileError(error, `pack ${path.basename(job.file)}`);
      const isFinal = attempt === ATTEMPTS_MAX || (isBotError(rebuilt) && rebuilt.code !== 40004);
      if (isFinal) throw rebuilt;
    }
  }
}

async function packOnce({ directory, entries, file }: PackJob, work: WorkInHand): Promise<void> {
  // The packer refuses an empty list; an archive of nothing is still an archive.
  const nothing = entries.length === 0;
  const packed = create({ cwd: directory, gzip: { level: GZIP_LEVEL }, portable: true, strict: true, filter: () => !nothing }, nothing ? ['.'] : entries.map(plainly));
  await pipeline(packed as unknown as AsyncIterable<Buffer>, createWriteStream(file, { mode: OWNER_ONLY.file }), { signal: work.signal });
}

/** A name that begins with @ would be read as a list of names. */
function plainly(entry: string): string {
  return entry.startsWith('@') ? `./${entry}` : entry;
}
