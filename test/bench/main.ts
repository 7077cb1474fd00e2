/** `npm run bench`: builds, measures section by section, writes the page. Exit code 1 when a section failed or the books differ. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { onlyOnce } from '../../embedded/only-once.js';
import { describeMachine } from './machine.js';
import { readOptions, type BenchOptions, type SectionName } from './options.js';
import { pageOf } from './page.js';
import { createSandbox, type Sandbox } from './sandbox.js';
import type { Section, SectionResult } from './section.js';
import { backup } from './sections/backup.js';
import { bringUp } from './sections/bring-up.js';
import { latency } from './sections/latency.js';
import { readers } from './sections/readers.js';
import { recovery } from './sections/recovery.js';
import { replay } from './sections/replay.js';
import { restart } from './sections/restart.js';

const SECTIONS: Record<SectionName, Section> = { 'bring-up': bringUp, latency, replay, readers, recovery, restart, backup };
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const startedMs = performance.now();

function say(message: string): void {
  console.log(`${((performance.now() - startedMs) / 1_000).toFixed(0).padStart(5)} s  ${message}`);
}

async function main(options: BenchOptions, sandbox: Sandbox): Promise<number> {
  await execa(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'inherit' });
  const machine = await describeMachine();
  for (const fact of machine.facts) say(fact);
  const results: SectionResult[] = [];
  for (const name of options.only) results.push(await runSection(name, options, sandbox));
  const page = pageOf({
    machine, results, postgresVersion: sandbox.postgresVersion(), date: new Date(), commandLine: options.commandLine, elapsedMs: performance.now() - startedMs,
  });
  console.log(`\n${page}`);
  const violations = results.flatMap((result) => result.violations);
  for (const violation of violations) say(`WRONG: ${violation}`);
  if (options.output !== undefined && violations.length === 0) {
    await writeFile(options.output, page);
    say(`written to ${options.output}`);
  }
  return violations.length === 0 ? 0 : 1;
}

/** A section that fails does not take the others with it, but the run counts as failed and the page is not written. */
async function runSection(name: SectionName, options: BenchOptions, sandbox: Sandbox): Promise<SectionResult> {
  say(`${name}: begins`);
  try {
    const result = await SECTIONS[name]({ options, sandbox, progress: (message) => say(`${name}: ${message}`) });
    for (const sentence of result.reading) say(`${name}: ${sentence}`);
    return result;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { title: name, lines: [`Failed: ${reason}`], reading: [], violations: [`${name} failed: ${reason}`] };
  }
}

const options = readOptions(process.argv.slice(2));
const sandbox = createSandbox();
// npm, tsx and the terminal may each deliver the same key press.
const leave = onlyOnce(async () => {
  say('stopping what runs');
  await sandbox.clear();
  process.exit(130);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void leave());
process.exitCode = await main(options, sandbox).finally(() => sandbox.clear());
// Sockets of a client library may linger; everything has been stopped and said.
process.exit();
