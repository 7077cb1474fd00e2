/** A replay that does not wait for the bot, with kills and a pause in the middle, and what is left when the market is over. */
import { compareBooks, type Verdict } from '../../checker/compare-books.js';
import { readExchangeBook } from '../../checker/exchange-book.js';
import { readLedgerBook } from '../../checker/ledger-book.js';
import type { RunningStack } from '../../embedded/stack.js';
import { carryOut, startDrilledStack, type DrillStackOptions, type KillRecord } from './drilled-stack.js';
import type { Kill } from './kill-plan.js';
import { UNPROTECTED_MS_MAX } from './lock-step-run.js';

export interface FreeRunResult {
  verdict: Verdict;
  kills: KillRecord[];
  /** lifecycle as the API told it: after the pause, after all processes were killed while paused, after the resume */
  lifecycles: string[];
}

export interface FreeRunOptions extends DrillStackOptions {
  kills: readonly Kill[];
}

/** The bot must have caught up with everything this long after the market has ended. */
const SETTLE_MS_MAX = 120_000;

export async function runFreely(options: FreeRunOptions): Promise<FreeRunResult> {
  const { stack, simulatorUrl, end } = await startDrilledStack(options);
  try {
    const never = new AbortController().signal;
    const half = Math.ceil(options.kills.length / 2);
    const first = await carryOut(stack, options.kills.slice(0, half), never);
    const paused = await command(stack, 'pause');
    const whilePaused = await carryOut(stack, [{ victim: 'all', afterMs: 500 }], never);
    const afterKill = await lifecycle(stack);
    const resumed = await command(stack, 'resume');
    const second = await carryOut(stack, options.kills.slice(half), never);
    await marketOver(simulatorUrl);
    return { verdict: await settledVerdict(stack, simulatorUrl), kills: [...first, ...whilePaused, ...second], lifecycles: [paused, afterKill, resumed] };
  } finally {
    await end();
  }
}

export async function command(stack: RunningStack, verb: 'pause' | 'resume'): Promise<string> {
  await eventually(`the bot obeys ${verb}`, async () => {
    const reply = await fetch(`${stack.apiUrl}/api/v1/bot/${verb}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ reason: 'drill' }) });
    return reply.ok;
  });
  return lifecycle(stack);
}

export async function lifecycle(stack: RunningStack): Promise<string> {
  return (await standing(stack)).state;
}

/** In the bot's own words: while no worker answers, the API tells what the ledger last knew. */
export async function standing(stack: RunningStack): Promise<{ state: string; reason: string }> {
  let told = { state: 'unknown', reason: '', source: '' };
  await eventually('the bot tells its state', async () => {
    const reply = await fetch(`${stack.apiUrl}/api/v1/bot/status`);
    if (!reply.ok) return false;
    told = (await reply.json()) as typeof told;
    return told.source === 'workflow';
  });
  return told;
}

export async function marketOver(simulatorUrl: string): Promise<void> {
  const forADay = 86_400_000;
  await eventually('the market is over', async () => {
    const reply = await fetch(new URL('/sim/status', simulatorUrl));
    return ((await reply.json()) as { finished: boolean }).finished;
  }, forADay);
}

export async function settledVerdict(stack: RunningStack, simulatorUrl: string): Promise<Verdict> {
  const judge = async (): Promise<Verdict> => compareBooks(await readExchangeBook(simulatorUrl), await readLedgerBook(stack.databaseUrl), { unprotectedMsMax: UNPROTECTED_MS_MAX });
  let verdict: Verdict | undefined;
  // A database that comes back from a restart may refuse to be read for a moment: that is a "not yet".
  await eventually('the books agree', async () => {
    verdict = await judge();
    return verdict.findings.length === 0;
  }, SETTLE_MS_MAX).catch(() => undefined);
  return verdict ?? judge();
}

export async function eventually(what: string, holds: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
  const deadlineMs = Date.now() + limitMs;
  while (Date.now() < deadlineMs) {
    // A part that was just killed refuses connections: that is a "not yet".
    if (await holds().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`not within ${limitMs / 1000} s: ${what}`);
}
