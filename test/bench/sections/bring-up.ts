/** From nothing to trading: on a new data directory, and on one that has been used. */
import type { RunningStack } from '../../../embedded/stack.js';
import { DEFAULT_CONFIGURATION } from '../configurations.js';
import { LedgerProbe } from '../ledger-probe.js';
import { largest, p50 } from '../quantiles.js';
import type { BenchContext, Section } from '../section.js';
import { seconds, table } from '../table.js';

const FIRST_DECISION_LIMIT_MS = 120_000;
const SEED = 3;

interface Start {
  /** ms from the call, by part in the order of their coming */
  parts: Map<string, number>;
  servingMs: number;
  decidedMs: number;
  stopMs: number;
}

export const bringUp: Section = async (context) => {
  const cold: Start[] = [];
  const warm: Start[] = [];
  for (let turn = 1; turn <= context.options.starts; turn += 1) {
    const dataDir = await context.sandbox.folder('bring-up');
    cold.push(await startOnce(context, dataDir));
    warm.push(await startOnce(context, dataDir));
    context.progress(`start ${turn} of ${context.options.starts}: new directory ${seconds(cold.at(-1)?.decidedMs ?? 0)} s, used one ${seconds(warm.at(-1)?.decidedMs ?? 0)} s`);
  }
  return {
    title: 'Bring-up',
    lines: [
      'From the call that starts the stack, in lock-step so that no candle has to be waited for. The compiled programs and the Temporal binary are there',
      'already; starting Node and the check whether a build is needed come on top (`npm start`).',
      '',
      ...table(['seconds, p50 (max)', 'all parts serve', 'first decision recorded', 'stop'], [summary('new data directory', cold), summary('used data directory', warm)]),
      '',
      ...partTable(cold, warm),
    ],
    reading: [`First decision ${seconds(p50(cold.map(({ decidedMs }) => decidedMs)))} s after the start on a new data directory, ${seconds(p50(warm.map(({ decidedMs }) => decidedMs)))} s on a used one (p50, n = ${cold.length}).`],
    violations: [],
  };
};

async function startOnce({ sandbox }: BenchContext, dataDir: string): Promise<Start> {
  const parts = new Map<string, number>();
  const startedMs = Date.now();
  const stack = await sandbox.start({
    dataDir, configPath: DEFAULT_CONFIGURATION, market: { source: 'synthetic', seed: SEED, speed: 'max' },
    reporter: { done: (part) => parts.set(part, Date.now() - startedMs) },
  });
  const servingMs = Date.now() - startedMs;
  const decidedMs = (await firstDecision(stack, startedMs)) - startedMs;
  const stoppingMs = Date.now();
  await sandbox.stop(stack);
  return { parts, servingMs, decidedMs, stopMs: Date.now() - stoppingMs };
}

function firstDecision(stack: RunningStack, startedMs: number): Promise<number> {
  return new LedgerProbe(stack.databaseUrl).nextDecisionAfter(startedMs, FIRST_DECISION_LIMIT_MS);
}

function summary(name: string, starts: readonly Start[]): string[] {
  const cell = (sample: number[]): string => `${seconds(p50(sample))} (${seconds(largest(sample))})`;
  return [name, cell(starts.map(({ servingMs }) => servingMs)), cell(starts.map(({ decidedMs }) => decidedMs)), cell(starts.map(({ stopMs }) => stopMs))];
}

function partTable(cold: readonly Start[], warm: readonly Start[]): string[] {
  const names = [...(cold[0]?.parts.keys() ?? [])];
  const at = (starts: readonly Start[], name: string): string => seconds(p50(starts.flatMap(({ parts }) => parts.get(name) ?? [])));
  return table(['serves after (s, p50)', 'new', 'used'], names.map((name) => [name, at(cold, name), at(warm, name)]));
}
