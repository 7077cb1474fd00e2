/**
 * `npm run drills`: kills, drops and compares; prints what was seen, with its seed; exit code 1 when anything differs.
 *
 * lock-step  the same market once undisturbed and then with seeded kills: the lists of trades must be identical, field by field
 * free       a market that does not wait, with kills of every part and of all at once, paused and resumed meanwhile
 * ambiguous  the reply to every third order is dropped after it was executed: no order doubled, none orphaned
 * emergency  ten positions, twenty orders, three exchange calls in ten fail, and what carries the emergency out is killed: flat, verified
 * recovery   the ledger is lost while three positions are open: PostgreSQL's folder deleted, a page or pg_control overwritten; one command recovers
 * matrix     every runbook, disturbed at every step (matrix/); writes its tables into docs/DRILLS.md
 * harms      what goes wrong without a death: exchange, disk, storage, key, message (harms/); writes docs/DRILLS-HARM.md
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { runInLockStep, type LockStepResult } from './lock-step-run.js';
import { writeChattyConfiguration } from './chatty-configuration.js';
import { DEFAULT_CONFIGURATION, type DrillMarket } from './drilled-stack.js';
import { EMERGENCY_VICTIMS, runEmergency } from './emergency-run.js';
import { runFreely } from './free-run.js';
import { planKills } from './kill-plan.js';
import { RECOVERY_STEPS } from '../../core/runbooks/database-recovery.js';
import { describeMachine } from '../bench/machine.js';
import { RUNBOOK_NAMES, type RunbookName } from '../../core/runbooks/runbook.js';
import { matrixPage } from './matrix/report.js';
import { MATRIX_MARKET, runMatrix } from './matrix/run-matrix.js';
import { harmsPage } from './harms/report.js';
import { runHarms } from './harms/run-harms.js';
import { drillRecovery, LOSSES, type RecoveryDrillOptions } from './recovery-drill.js';
import { tradeDifferences } from './recorded-trades.js';

const DRILLS = ['ambiguous', 'lock-step', 'free', 'emergency', 'recovery', 'matrix', 'harms'] as const;

const HARMS_PAGE = 'docs/DRILLS-HARM.md';

/** What is killed in the middle: nothing, then the worker that recovers, twice, then the database itself. */
const RECOVERY_KILLS: readonly NonNullable<RecoveryDrillOptions['kills']>[] = [
  [],
  [{ victim: 'maintenance-worker', step: RECOVERY_STEPS.restore }, { victim: 'maintenance-worker', step: RECOVERY_STEPS.swap }],
  [{ victim: 'postgres', step: RECOVERY_STEPS.restore }, { victim: 'temporal', step: RECOVERY_STEPS.history }],
];

interface DrillOptions {
  only?: (typeof DRILLS)[number];
  runbook?: RunbookName;
  cells?: string;
  report: string;
  seed: string;
  kills: string;
  runs: string;
  days: string;
  speed: string;
  from: string;
  data?: string;
  busy: boolean;
}

const options = new Command('npm run drills --')
  .addOption(new Option('--only <drill>', 'one of the drills').choices(DRILLS))
  .option('--seed <number>', 'decides the kills and the synthetic market', '1')
  .option('--kills <number>', 'kills of the free run, and of each disturbed lock-step run', '30')
  .option('--runs <number>', 'disturbed lock-step runs', '10')
  .option('--days <number>', 'simulated days', '5')
  .option('--speed <factor>', 'of the free run', '600')
  .option('--from <day>', 'first day', '2026-01-05')
  .option('--data <dir>', 'recorded candles instead of the synthetic market')
  .option('--busy', 'lock-step with strategies that trade as often as they can, so that most kills meet a trade', false)
  .addOption(new Option('--runbook <name>', 'only this row of the matrix').choices(RUNBOOK_NAMES))
  .option('--cells <number>', 'so many cells of the matrix, chosen by the seed')
  .option('--report <file>', 'what the matrix writes', 'docs/DRILLS.md')
  .parse().opts<DrillOptions>();

const seed = Number(options.seed);
const failures: string[] = [];
for (const drill of DRILLS) if (options.only === undefined || options.only === drill) await carryOut(drill);
say(failures.length === 0 ? 'All drills passed.' : `${failures.length} findings, seed ${seed}:\n${failures.join('\n')}`);
process.exit(failures.length === 0 ? 0 : 1);

function carryOut(drill: (typeof DRILLS)[number]): Promise<void> {
  switch (drill) {
    case 'ambiguous':
      return drillAmbiguousOutcomes();
    case 'lock-step':
      return drillLockStep();
    case 'free':
      return drillFreeRun();
    case 'emergency':
      return drillEmergency();
    case 'recovery':
      return drillRecoveries();
    case 'matrix':
      return drillMatrix();
    case 'harms':
      return drillHarms();
  }
}

async function drillEmergency(): Promise<void> {
  for (const victim of EMERGENCY_VICTIMS) {
    const { kills, seconds, secondsToFlat, positions, orders, findings } = await runEmergency({ seed, victim });
    say(`emergency, ${victim} killed ${kills} times: ${positions} positions and ${orders} orders, flat after ${secondsToFlat?.toFixed(1) ?? 'never'} s, verified after ${seconds.toFixed(1)} s`);
    note(`emergency, ${victim} killed`, findings);
  }
}

async function drillRecoveries(): Promise<void> {
  for (const loss of LOSSES) {
    for (const kills of RECOVERY_KILLS) {
      const what = `recovery, ${loss}${kills.map(({ victim, step }) => `, ${victim} killed at "${step}"`).join('')}`;
      const { findings, commandSeconds, lossToRecoverySeconds, trades } = await drillRecovery({ loss, seed, kills });
      say(`  ${what}: one command, ${commandSeconds.toFixed(1)} s (${lossToRecoverySeconds.toFixed(1)} s from the loss), ${trades.closed} closed and ${trades.open} open trades are there`);
      note(what, findings);
    }
  }
}

async function drillMatrix(): Promise<void> {
  const runbooks = options.runbook === undefined ? RUNBOOK_NAMES : [options.runbook];
  const { facts } = await describeMachine();
  const count = options.cells === undefined ? undefined : Number(options.cells);
  const results = await runMatrix({ seed, count, runbooks, progress: (line) => { say(`  ${line}`); } });
  const page = existsSync(options.report) ? await readFile(options.report, 'utf8') : '';
  await writeFile(options.report, matrixPage({ command: theCommand(), seed, machine: facts, date: new Date(), results }, page));
  say(`  written to ${options.report}`);
  note('matrix', results.flatMap(({ cell, findings }) => findings.map((finding) => `${cell.runbook}, ${cell.disturbance} at "${cell.step}": ${finding}`)));
}

async function drillHarms(): Promise<void> {
  const { facts } = await describeMachine();
  const results = await runHarms({ market: { ...MATRIX_MARKET, marketSeed: seed }, progress: (line) => { say(`  ${line}`); } });
  await writeFile(HARMS_PAGE, harmsPage({ command: theCommand(), seed, machine: facts, date: new Date(), results }));
  say(`  written to ${HARMS_PAGE}`);
  for (const { harm, findings } of results) note(`${harm.runbook}, ${harm.what}`, findings);
}

async function drillLockStep(): Promise<void> {
  say(`lock-step: ${options.days} days undisturbed`);
  const configPath = options.busy ? await writeChattyConfiguration('15') : DEFAULT_CONFIGURATION;
  const undisturbed = await runInLockStep({ market: marketAt('max'), configPath, kills: [] });
  tell('undisturbed', undisturbed);
  for (let run = 1; run <= Number(options.runs); run += 1) {
    const kills = planKills({ seed: seed * 1_000 + run, kills: Number(options.kills), pauseMs: [300, 4_000] });
    const disturbed = await runInLockStep({ market: marketAt('max'), configPath, kills });
    tell(`disturbed ${run}`, disturbed);
    note(`lock-step run ${run}`, tradeDifferences(undisturbed.trades, disturbed.trades));
  }
}

async function drillFreeRun(): Promise<void> {
  say(`free run: ${options.days} days at speed ${options.speed}, ${options.kills} kills`);
  const kills = planKills({ seed, kills: Number(options.kills), pauseMs: [2_000, 20_000] });
  const result = await runFreely({ market: marketAt(Number(options.speed)), configPath: await writeChattyConfiguration('15'), kills });
  say(`  ${result.kills.length} kills; back after ${spread(result.kills.map(({ backAfterMs }) => backAfterMs))}; lifecycle ${result.lifecycles.join(' → ')}`);
  say(`  ${figures(result.verdict.figures)}`);
  note('free run', result.verdict.findings);
  note('free run', result.lifecycles.join() === 'paused,paused,running' ? [] : [`lifecycle was ${result.lifecycles.join(' → ')}`]);
}

async function drillAmbiguousOutcomes(): Promise<void> {
  say('ambiguous outcomes: the reply to every third order is dropped after it was executed');
  const faults = { seed, rules: [{ kind: 'dropReply', endpoint: '/v5/order/create', every: 3, executed: true }] };
  const result = await runInLockStep({ market: marketAt('max'), configPath: await writeChattyConfiguration('5'), kills: [], faults });
  tell('dropped replies', result);
  const orders = Number(result.verdict.figures['orders with an id of ours']);
  note('ambiguous outcomes', orders >= 500 ? [] : [`only ${orders} orders were sent, 500 are wanted: give more --days`]);
}

function tell(what: string, { trades, verdict, kills, seconds }: LockStepResult): void {
  const states = trades.filter(({ state }) => state === 'closed').length;
  say(`  ${what}: ${trades.length} trades (${states} closed) in ${seconds.toFixed(0)} s, ${kills.length} kills${kills.length === 0 ? '' : `, back after ${spread(kills.map(({ backAfterMs }) => backAfterMs))}`}`);
  say(`    ${figures(verdict.figures)}`);
  note(what, verdict.findings);
}

function marketAt(speed: number | 'max'): DrillMarket {
  return { data: options.data, marketSeed: seed, fromMs: Date.parse(options.from), days: Number(options.days), speed };
}

function note(what: string, findings: readonly string[]): void {
  for (const finding of findings) {
    say(`    DIFFERS ${finding}`);
    failures.push(`${what}: ${finding}`);
  }
}

function spread(ms: readonly number[]): string {
  const sorted = [...ms].sort((a, b) => a - b);
  const at = (part: number): string => ((sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0) / 1000).toFixed(1);
  return `p50 ${at(0.5)} s, max ${at(1)} s`;
}

function figures(values: Record<string, string | number>): string {
  return Object.entries(values).map(([name, value]) => `${name} ${value}`).join(', ');
}

function theCommand(): string {
  return `npm run drills -- ${process.argv.slice(2).join(' ')}`.trim();
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
