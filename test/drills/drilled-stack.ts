/** A real stack, with all its processes, in a throw-away data directory on free ports. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startStack, type RunningStack } from '../../embedded/stack.js';
import { processEnvironment } from '../../config/process-environment.js';
import type { Kill, Victim } from './kill-plan.js';
import { VICTIMS } from './kill-plan.js';

export interface DrillMarket {
  /** folder of recorded candles; absent: the synthetic market of `marketSeed` */
  data: string | undefined;
  marketSeed: number;
  fromMs: number;
  days: number;
  speed: number | 'max';
}

export interface DrillStackOptions {
  market: DrillMarket;
  configPath: string;
  /** variables for its processes, besides those of this one */
  env?: NodeJS.ProcessEnv;
}

export interface DrilledStack {
  stack: RunningStack;
  simulatorUrl: string;
  /** stops everything and removes the data directory */
  end(): Promise<void>;
}

export const DAY_MS = 86_400_000;
export const DEFAULT_CONFIGURATION = new URL('../../config/default.json', import.meta.url).pathname;

export async function startDrilledStack({ market, configPath, env = {} }: DrillStackOptions): Promise<DrilledStack> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'drill-'));
  // PostgreSQL runs under a user of its own when this is root, and must be able to enter.
  await chmod(dataDir, 0o755);
  const iso = (ms: number): string => new Date(ms).toISOString();
  const stack = await startStack({
    env: { ...processEnvironment(), ...env },
    options: {
      dataDir, configPath, headless: true, ports: { api: 0, temporal: 0, ui: 0, postgres: 0, simulator: 0 },
      market: {
        source: market.data === undefined ? 'synthetic' : 'replay', data: market.data, speed: market.speed,
        seed: market.data === undefined ? market.marketSeed : undefined, from: iso(market.fromMs), to: iso(market.fromMs + market.days * DAY_MS),
      },
    },
  });
  if (stack.simulatorUrl === undefined) throw new Error('a drilled stack has a simulator');
  return {
    stack,
    simulatorUrl: stack.simulatorUrl,
    end: async () => {
      await stack.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Kills the victim as the system would (SIGKILL) and resolves when it serves again, with the ms that took. */
export async function killAndAwait(stack: RunningStack, victim: Victim): Promise<number> {
  const parts = victim === 'all' ? VICTIMS.filter((each) => each !== 'all') : [victim];
  const before = stack.restarts();
  const startedMs = performance.now();
  for (const part of parts) stack.kill(part, 'SIGKILL');
  for (const part of parts) await backAgain(stack, part, before[part] ?? 0);
  return performance.now() - startedMs;
}

/** Resolves when the part serves again that was killed after it had been restarted so often. */
export async function backAgain(stack: RunningStack, part: string, restartsBefore: number): Promise<void> {
  // The supervisor hears of a death a moment after it; only then does "ready" mean the next life.
  while ((stack.restarts()[part] ?? 0) === restartsBefore) await new Promise((resolve) => setTimeout(resolve, 10));
  await stack.whenReady(part);
}

export interface KillRecord {
  victim: Victim;
  backAfterMs: number;
}

/** Carries the plan out until it is over or the signal says that there is nothing left to disturb. */
export async function carryOut(stack: RunningStack, plan: readonly Kill[], over: AbortSignal): Promise<KillRecord[]> {
  const records: KillRecord[] = [];
  for (const { victim, afterMs } of plan) {
    // An aborted pause only means that there is nothing left to disturb.
    await delay(afterMs, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) break;
    records.push({ victim, backAfterMs: await killAndAwait(stack, victim) });
  }
  return records;
}
