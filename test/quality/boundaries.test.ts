/**
 * The import rules hold in the real tree, and each of them is shown to fire: test/fixtures/violations is a miniature tree
 * whose files claim, line by line, which rules they break. Claims and reports must be the same set.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PLANTED = join(ROOT, 'test/fixtures/violations');
const PASSES = ['.dependency-cruiser.cjs', '.dependency-cruiser.reach.cjs'];
const FOLDERS = ['core', 'workflows', 'activities', 'adapters', 'workers', 'api', 'cli', 'config', 'simulator', 'embedded', 'checker'];
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const CRUISE_TIMEOUT_MS = 90_000;

interface Report {
  summary: { totalCruised: number; violations: { from: string; rule: { name: string } }[] };
}

/** The folders that the directory has: a clone lacks the ones that are still empty. */
async function cruise(directory: string, config: string): Promise<Report> {
  const present = FOLDERS.filter((folder) => existsSync(join(directory, folder)));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'), '--config', join(ROOT, config), '--output-type', 'json', ...present],
    { cwd: directory, maxBuffer: OUTPUT_BYTES_MAX },
  );
  return JSON.parse(stdout) as Report;
}

const complaints = (report: Report): string[] =>
  [...new Set(report.summary.violations.map(({ from, rule }) => `${from} breaks ${rule.name}`))].sort();

async function claims(): Promise<string[]> {
  const entries = await readdir(PLANTED, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter(({ name }) => name.endsWith('.ts'))) {
    const path = join(entry.parentPath, entry.name);
    for (const match of (await readFile(path, 'utf8')).matchAll(/^\/\/ breaks: (\S+)$/gm)) {
      found.push(`${relative(PLANTED, path)} breaks ${match[1] ?? ''}`);
    }
  }
  return found.sort();
}

function ruleNames(): string[] {
  const load = createRequire(import.meta.url);
  return PASSES.flatMap((config) => (load(join(ROOT, config)) as { forbidden: { name: string }[] }).forbidden.map(({ name }) => name));
}

describe('import direction', () => {
  let planted: string[];

  beforeAll(async () => {
    const reports = await Promise.all(PASSES.map((config) => cruise(PLANTED, config)));
    planted = reports.flatMap(complaints).sort();
  }, CRUISE_TIMEOUT_MS);

  it('reports exactly what the planted files claim to break, and no innocent file', async () => {
    expect(planted).toEqual(await claims());
  });

  it.each(ruleNames())('has a planted violation on which %s fires', (name) => {
    expect(planted.filter((complaint) => complaint.endsWith(` breaks ${name}`))).not.toEqual([]);
  });

  it.each(PASSES)('holds in the real tree (%s)', async (config) => {
    const report = await cruise(ROOT, config);
    expect(report.summary.totalCruised).toBeGreaterThan(0);
    expect(complaints(report)).toEqual([]);
  }, CRUISE_TIMEOUT_MS);
});
