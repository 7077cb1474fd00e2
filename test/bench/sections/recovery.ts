/**
 * kill -9 of each process in turn, in a market that runs on: how long until it serves again, and until the bot decides
 * again. The market and the positions do not wait.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningStack } from '../../../embedded/stack.js';
import { PULSE_CANDLE_MS, writePulseConfiguration } from '../configurations.js';
import { LedgerProbe } from '../ledger-probe.js';
import { largest, p50 } from '../quantiles.js';
import type { Section } from '../section.js';
import { seconds, table } from '../table.js';

const BOUNDARY_EVERY_MS = 500;
const PARTS = ['trading-worker', 'temporal', 'postgres', 'simulator', 'api'] as const;
type PartName = (typeof PARTS)[number];

/** A second death is followed by a restart at once only after so long; a first one always is (`supervisor/restart-backoff.ts`). */
const STABLE_MS = 31_000;
const DEATH_POLL_MS = 2;
const LIMIT_MS = 60_000;
const SETTLING_DECISIONS = 3;
const SEED = 5;

interface Recovery {
  part: PartName;
  /** ms from the kill */
  servesMs: number;
  /** undefined for a process that takes no part in decisions */
  decidesMs: number | undefined;
}

export const recovery: Section = async ({ options, sandbox, progress }) => {
  const configPath = await writePulseConfiguration(await sandbox.folder('pulse'));
  const market = { source: 'synthetic', seed: SEED, speed: PULSE_CANDLE_MS / BOUNDARY_EVERY_MS } as const;
  const recoveries: Recovery[] = [];
  await sandbox.withStack({ dataDir: await sandbox.folder('recovery'), configPath, market }, async (stack) => {
    const drill = new Drill(stack);
    for (let turn = 0; turn < options.kills * PARTS.length; turn += 1) {
      const part = PARTS[turn % PARTS.length] ?? 'api';
      const measured = await drill.killOnce(part, turn);
      recoveries.push(measured);
      progress(`kill ${turn + 1} of ${options.kills * PARTS.length}: ${part} serves after ${seconds(measured.servesMs)} s${measured.decidesMs === undefined ? '' : `, next decision after ${seconds(measured.decidesMs)} s`}`);
    }
  });
  return resultOf(recoveries);
};

class Drill {
  private readonly probe: LedgerProbe;
  /** of parts that were killed before */
  private readonly servedSinceMs = new Map<PartName, number>();

  constructor(private readonly stack: RunningStack) {
    this.probe = new LedgerProbe(stack.databaseUrl);
  }

  async killOnce(part: PartName, turn: number): Promise<Recovery> {
    await delay(Math.max(0, (this.servedSinceMs.get(part) ?? 0) + STABLE_MS - Date.now()));
    await this.settle();
    await delay(phaseMs(turn));
    const killedMs = Date.now();
    const diedMs = await this.kill(part);
    const servesMs = await this.serves(part);
    this.servedSinceMs.set(part, servesMs);
    return { part, servesMs: servesMs - killedMs, decidesMs: part === 'api' ? undefined : (await this.decides(part, { diedMs, servesMs })) - killedMs };
  }

  /** Decisions flow again: what the kill before this one left behind is dealt with. */
  private async settle(): Promise<void> {
    let lastMs = Date.now();
    for (let decision = 0; decision < SETTLING_DECISIONS; decision += 1) lastMs = await this.probe.nextDecisionAfter(lastMs, LIMIT_MS);
  }

  private async kill(part: PartName): Promise<number> {
    const pid = this.stack.pids()[part];
    this.stack.kill(part, 'SIGKILL');
    while (this.stack.pids()[part] === pid) await delay(DEATH_POLL_MS);
    return Date.now();
  }

  private async serves(part: PartName): Promise<number> {
    await this.stack.whenReady(part);
    if (part === 'api') await fetch(`${this.stack.apiUrl}/health`, { signal: AbortSignal.timeout(LIMIT_MS) });
    return Date.now();
  }

  /** What the worker still managed to record while its server was dying is no decision of the recovered stack. */
  private decides(part: PartName, { diedMs, servesMs }: { diedMs: number; servesMs: number }): Promise<number> {
    return this.probe.nextDecisionAfter(part === 'trading-worker' ? diedMs : servesMs, LIMIT_MS);
  }
}

/** Spreads the kills evenly over the time between two boundaries. */
function phaseMs(turn: number): number {
  const GOLDEN_RATIO = 0.618_034;
  return ((turn * GOLDEN_RATIO) % 1) * BOUNDARY_EVERY_MS;
}

function resultOf(recoveries: readonly Recovery[]): Awaited<ReturnType<Section>> {
  const of = (part: PartName): Recovery[] => recoveries.filter((each) => each.part === part);
  const cell = (sample: readonly number[]): string => (sample.length === 0 ? '–' : `${seconds(p50(sample))} (${seconds(largest(sample))})`);
  const decisions = (part: PartName): number[] => of(part).flatMap(({ decidesMs }) => decidesMs ?? []);
  const worker = decisions('trading-worker');
  return {
    title: 'After kill -9',
    lines: [
      `A market that runs by itself with a candle boundary every ${BOUNDARY_EVERY_MS} ms of wall time; the kills fall evenly between two boundaries, while trades are`,
      'opened and closed. "Next decision" is the first one recorded in the ledger by the recovered stack and includes the wait for the next boundary.',
      '',
      ...table(['seconds, p50 (max)', 'kills', 'serves again', 'next decision'], PARTS.map((part) => [part, String(of(part).length), cell(of(part).map(({ servesMs }) => servesMs)), cell(decisions(part))])),
    ],
    reading: [`After kill -9 of the trading worker the next decision is recorded ${seconds(p50(worker))} s later (p50; max ${seconds(largest(worker))} s, n = ${worker.length}).`],
    violations: [],
  };
}
