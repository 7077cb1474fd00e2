/**
 * Compiles the sources to dist/ and bundles the workflow code, when anything has changed since the last time.
 *
 * Invariants
 * 1. The stamp is written last: an interrupted build is done again.
 * 2. One build at a time; a second one waits and then finds nothing to do.
 * 3. A source that was removed leaves nothing in dist/.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.build-stamp.json');
const LOCK = join(ROOT, 'node_modules', '.build.lock');
const SOURCE_FOLDERS = JSON.parse(readFileSync(join(ROOT, 'tsconfig.build.json'), 'utf8')).include;
const BUILD_FILES = ['scripts/build.mjs', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
const LOCK_POLL_MS = 200;
const REPORT_MS = 5_000;

/** Returns true when something had to be built. Throws when the sources do not compile. */
export async function build({ say = console.log } = {}) {
  if (isCurrent()) return false;
  const release = await lock(say);
  try {
    if (isCurrent()) return false;
    await compile(say);
    return true;
  } finally {
    release();
  }
}

async function compile(say) {
  const startedMs = Date.now();
  const { hash, files } = fingerprint();
  say(existsSync(DIST) ? 'Building: the sources are newer than dist/' : 'Building for the first time');
  const ticker = setInterval(() => say(`  … still building (${seconds(startedMs)})`), REPORT_MS);
  try {
    if (readStamp()?.files.some((file) => !files.includes(file)) ?? true) rmSync(DIST, { recursive: true, force: true });
    rmSync(STAMP, { force: true });
    await run(process.execPath, [createRequire(import.meta.url).resolve('typescript/bin/tsc'), '-p', join(ROOT, 'tsconfig.build.json')]);
    await bundleWorkflows();
    writeFileSync(STAMP, JSON.stringify({ hash, files }));
  } finally {
    clearInterval(ticker);
  }
  say(`Built in ${seconds(startedMs)}`);
}

/** Workers start seconds faster from a bundle that is made once. */
async function bundleWorkflows() {
  const { bundleWorkflows: bundle } = await import(pathToFileURL(join(DIST, 'workers', 'workflow-bundle.js')).href);
  const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error };
  const { code } = await bundle(join(DIST, 'workflows', 'index.js'), quiet);
  writeFileSync(join(DIST, 'workflow-bundle.js'), code);
}

function isCurrent() {
  const stamp = readStamp();
  return stamp !== undefined && stamp.hash === fingerprint().hash;
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8'));
  } catch {
    return undefined; // never built, or interrupted
  }
}

/** By content, not by time: a checkout or a clone changes times only. */
function fingerprint() {
  const files = SOURCE_FOLDERS.flatMap((folder) => sourcesIn(join(ROOT, folder))).map((file) => relative(ROOT, file)).sort();
  const hash = createHash('sha256');
  for (const file of [...files, ...BUILD_FILES]) hash.update(file).update('\0').update(readFileSync(join(ROOT, file))).update('\0');
  return { hash: hash.digest('hex'), files };
}

function sourcesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sourcesIn(path);
    return /\.(ts|json)$/.test(name) ? [path] : [];
  });
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code, signal) => (code === 0 ? resolve() : reject(new Error(`the sources do not compile (${signal ?? `code ${code}`}); the reasons stand above`))));
  });
}

async function lock(say) {
  const own = `${LOCK}.${process.pid}`;
  mkdirSync(dirname(LOCK), { recursive: true });
  writeFileSync(own, String(process.pid));
  try {
    for (let waited = 0; ; waited += 1) {
      if (tryLink(own)) return () => rmSync(LOCK, { force: true });
      const holder = readHolder();
      if (holder !== undefined && !isAlive(holder)) rmSync(LOCK, { force: true });
      else if (waited % (REPORT_MS / LOCK_POLL_MS) === 0) say(`Waiting for the build of process ${holder ?? 'unknown'}`);
      await delay(LOCK_POLL_MS);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

function tryLink(own) {
  try {
    linkSync(own, LOCK);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

function readHolder() {
  try {
    return Number(readFileSync(LOCK, 'utf8'));
  } catch {
    return undefined; // released in the meantime
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function seconds(sinceMs) {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    if (!(await build())) console.log('dist/ is up to date');
  } catch (error) {
    console.error(`Build failed: ${error.message}`);
    process.exitCode = 1;
  }
}
