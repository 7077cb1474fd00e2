/** docs/DRILLS-HARM.md, from what was seen. */
import type { HarmResult } from './run-harms.js';

export interface HarmsReport {
  command: string;
  seed: number;
  machine: readonly string[];
  date: Date;
  results: readonly HarmResult[];
}

export function harmsPage({ command, seed, machine, date, results }: HarmsReport): string {
  const failed = results.filter(({ findings }) => findings.length > 0);
  const skipped = results.filter((result) => result.skipped !== undefined);
  return [
    '# Drills: harm without a death', '',
    'Written by the command below; not edited by hand. One stack trades a market that does not wait; its backups are encrypted and copied to a real S3 server over a',
    'link that can be cut, its text messages are refused. After each harm the run must have ended as it should, and an independent checker compares the exchange with',
    'the ledger. What is killed at every step of every runbook stands in [DRILLS](DRILLS.md).', '',
    `- \`${command}\`, seed ${seed}, ${date.toISOString().slice(0, 10)}`,
    ...machine.map((fact) => `- ${fact}`),
    `- ${results.length} harms: **${results.length - failed.length - skipped.length} passed, ${failed.length} failed, ${skipped.length} not done here**`, '',
    '| runbook | what goes wrong | must end | seconds, with all that belongs to it |', '|---|---|---|---:|',
    ...results.map((result) => `| ${result.harm.runbook} | ${result.harm.what} | ${result.harm.ends} | ${markOf(result)} |`), '',
    ...failed.map(({ harm, findings }) => `- ${harm.runbook}, ${harm.what}: ${findings.slice(0, 5).join('; ')}`),
  ].join('\n');
}

function markOf({ skipped, findings, seconds }: HarmResult): string {
  if (skipped !== undefined) return `not done: ${skipped}`;
  return findings.length === 0 ? seconds.toFixed(1) : '**failed**';
}
