/**
 * The emergency on a whole stack: ten open positions, twenty orders, three exchange calls in ten fail, and what carries it out is
 * killed. It is carried out by the command line, as an operator would, and judged by what the simulated exchange shows.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createLatchFile } from '../../adapters/host/latch-file.js';
import { Decimal, dec, ZERO } from '../../core/money/decimal.js';
import { isTerminal, type OrderStatus } from '../../core/orders/order.js';
import { instrumentFor, INSTRUMENTS } from '../../core/matching/instruments.js';
import { readExchangeBook } from '../../checker/exchange-book.js';
import type { RunningStack } from '../../embedded/stack.js';
import { RawClient } from '../contract/simulator/client.js';
import { writeScriptedConfiguration } from '../support/scripted-configuration.js';
import { startDrilledStack, type DrilledStack } from './drilled-stack.js';
import { release } from './end-halt.js';
import { eventually, lifecycle, settledVerdict } from './free-run.js';

/** worker: the maintenance worker is killed twice · servers: Temporal and PostgreSQL are killed again and again until it is over · everything: these, and the API */
export const EMERGENCY_VICTIMS = ['worker', 'servers', 'everything'] as const;
export type EmergencyVictim = (typeof EMERGENCY_VICTIMS)[number];

export interface EmergencyDrillResult {
  victim: EmergencyVictim;
  kills: number;
  /** from the command to its end */
  seconds: number;
  /** from the command until the exchange showed no position; null: it never did */
  secondsToFlat: number | null;
  positions: number;
  orders: number;
  findings: string[];
}

const FROM_MS = Date.UTC(2026, 0, 5);
const CANDLE_MS = 300_000;
/** two days of market: more than any drill lasts at this speed */
const CANDLES_WANTED = 576;
const EAGER_STRATEGIES = 3;
const BOT = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const SYMBOLS = INSTRUMENTS.map(({ symbol }) => symbol);
/** ten orders a second, as on Bybit */
const TOO_MANY_VISITS = 10_006;
const PARTS: Record<EmergencyVictim, readonly string[]> = { worker: ['maintenance-worker'], servers: ['temporal', 'postgres'], everything: ['temporal', 'postgres', 'api'] };
const KILLS_MAX: Record<EmergencyVictim, number> = { worker: 2, servers: 1_000, everything: 1_000 };
const KILL_EVERY_MS = 700;
const FLAT_POLL_MS = 100;
const ENDS_WITHIN_MS = 180_000;

export async function runEmergency({ seed, victim }: { seed: number; victim: EmergencyVictim }): Promise<EmergencyDrillResult> {
  const market = { data: undefined, marketSeed: seed, fromMs: FROM_MS, days: 40, speed: 60 };
  const drilled = await startDrilledStack({ market, configPath: await writeTenSymbols() });
  try {
    await eventually('the bot runs', async () => (await lifecycle(drilled.stack)) === 'running', ENDS_WITHIN_MS);
    const filled = await fillAccount(drilled);
    await simulate(drilled, { seed, rules: [
      { kind: 'httpStatus', endpoint: '*', status: 503, probability: 0.2 },
      { kind: 'dropReply', endpoint: '*', executed: true, probability: 0.1 },
    ] });
    const stopped = await stopEverything(drilled, victim);
    await fetch(new URL('/sim/faults', drilled.simulatorUrl), { method: 'DELETE' });
    const findings = [...stopped.findings, ...(await afterwards(drilled, stopped))];
    const { kills, seconds, secondsToFlat } = stopped;
    return { victim, kills, seconds, secondsToFlat, ...filled, findings };
  } finally {
    await drilled.end();
  }
}

/** Every listed symbol is named, so that the exchange lists them all. Three strategies want in at every candle: after the latch, too. */
function writeTenSymbols(): Promise<string> {
  const everyCandle = Array.from({ length: CANDLES_WANTED }, (_, candle) => FROM_MS + candle * CANDLE_MS);
  const strategies = SYMBOLS.map((symbol, index) => ({ name: `eager_${symbol.toLowerCase()}`, symbol, enterAtMs: index < EAGER_STRATEGIES ? everyCandle : [] }));
  return writeScriptedConfiguration({ strategies, trading: { stale_after_ms: 3_600_000 } });
}

/** The bot's own positions, one with its stop on every other symbol, one resting and one conditional entry beside each. */
async function fillAccount({ stack, simulatorUrl }: DrilledStack): Promise<{ positions: number; orders: number }> {
  const raw = new RawClient(simulatorUrl, stack.keys);
  const place = (params: Record<string, unknown>): Promise<void> => eventually(`${JSON.stringify(params)} is taken`, async () => {
    const { retCode, retMsg } = await raw.order({ timeInForce: 'GTC', ...params });
    if (retCode !== 0 && retCode !== TOO_MANY_VISITS) throw new Error(retMsg);
    return retCode === 0;
  });
  await eventually('the bot has entered', async () => {
    const held = (await readExchangeBook(simulatorUrl)).positions.filter(({ size, stopLoss }) => !dec(size).isZero() && !dec(stopLoss).isZero());
    return SYMBOLS.slice(0, EAGER_STRATEGIES).every((symbol) => held.some((position) => position.symbol === symbol));
  }, ENDS_WITHIN_MS);
  for (const [index, symbol] of SYMBOLS.entries()) {
    const price = await lastPrice(raw, symbol);
    const qty = smallQty(symbol, price);
    const near = (factor: number): string => toTick(symbol, price * factor);
    if (index >= EAGER_STRATEGIES) await place({ symbol, side: 'Buy', qty, stopLoss: near(0.7), tpslMode: 'Full' });
    await place({ symbol, side: 'Buy', orderType: 'Limit', qty, price: near(0.6) });
    await place({ symbol, side: 'Buy', orderType: 'Market', qty, triggerPrice: near(1.4), triggerDirection: 1 });
  }
  const book = await readExchangeBook(simulatorUrl);
  const open = book.orders.filter(({ status, stopOrderType }) => !isTerminal(status as OrderStatus) && !['StopLoss', 'TakeProfit'].includes(stopOrderType));
  return { positions: book.positions.filter(({ size }) => !dec(size).isZero()).length, orders: open.length };
}

async function lastPrice(raw: RawClient, symbol: string): Promise<number> {
  const { result } = await raw.getPublic<{ list: { lastPrice: string }[] }>(`/v5/market/tickers?category=linear&symbol=${symbol}`);
  return Number(result.list[0]?.lastPrice);
}

/** About 20 USDT. */
function smallQty(symbol: string, price: number): string {
  const step = new Decimal(instrumentFor(symbol)?.qtyStep ?? '1');
  return new Decimal(20 / price).div(step).ceil().times(step).toFixed();
}

function toTick(symbol: string, price: number): string {
  const tick = new Decimal(instrumentFor(symbol)?.tickSize ?? '1');
  return new Decimal(price).div(tick).floor().times(tick).toFixed();
}

interface Stopped {
  kills: number;
  seconds: number;
  secondsToFlat: number | null;
  /** market ms at which the latch was known to be set */
  latchedMs: number;
  findings: string[];
}

async function stopEverything(drilled: DrilledStack, victim: EmergencyVictim): Promise<Stopped> {
  const { stack, simulatorUrl } = drilled;
  const over = new AbortController();
  // down before it is asked for, so that it has to be begun without them
  const killing = keepKilling(stack, victim, over.signal);
  const startedMs = performance.now();
  const seconds = (): number => (performance.now() - startedMs) / 1_000;
  let latchedMs = 0;
  const latching = untilTrue(async () => (await createLatchFile(stack.dataDir).read()) !== null, over.signal).then(async () => { latchedMs = await marketNow(simulatorUrl); });
  let secondsToFlat: number | null = null;
  const flat = untilTrue(async () => (await readExchangeBook(simulatorUrl)).positions.every(({ size }) => dec(size).isZero()), over.signal).then(() => { secondsToFlat = seconds(); }, () => undefined);
  const ended = await commandLine(stack, ['emergency', '--close-positions', '--reason', 'drill', '--data-dir', stack.dataDir]);
  const took = seconds();
  await Promise.race([Promise.all([flat, latching]), new Promise((resolve) => setTimeout(resolve, 5_000))]);
  over.abort();
  return { kills: await killing, seconds: took, secondsToFlat, latchedMs, findings: ended.exitCode === 5 ? [] : [`the command ended with ${ended.exitCode}: ${ended.stderr.slice(-400)} ${ended.stdout.slice(-400)}`] };
}

async function keepKilling(stack: RunningStack, victim: EmergencyVictim, over: AbortSignal): Promise<number> {
  let kills = 0;
  while (!over.aborted && kills < KILLS_MAX[victim]) {
    for (const part of PARTS[victim]) {
      if (stack.pids()[part] === undefined) continue;
      stack.kill(part, 'SIGKILL');
      kills += 1;
    }
    await new Promise((resolve) => setTimeout(resolve, KILL_EVERY_MS));
  }
  return kills;
}

function commandLine(stack: RunningStack, args: readonly string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BOT, '--api', stack.apiUrl, ...args], { timeout: ENDS_WITHIN_MS, env: { PATH: process.env['PATH'] } }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

/** Everything is back: the run is on record, nothing has been opened, the halt ends by its runbook, and the books agree. */
async function afterwards({ stack, simulatorUrl }: DrilledStack, { latchedMs }: Stopped): Promise<string[]> {
  const findings: string[] = [];
  await eventually('the emergency is on record', async () => {
    const { runs } = (await (await fetch(`${stack.apiUrl}/api/v1/runbooks/runs?runbook=emergencyShutdown`)).json()) as { runs: { state: string }[] };
    return runs[0]?.state === 'completed';
  }, ENDS_WITHIN_MS);
  const book = await readExchangeBook(simulatorUrl);
  for (const { symbol, size } of book.positions) if (!dec(size).isZero()) findings.push(`${size} ${symbol} is still open`);
  for (const { orderId, symbol, status } of book.orders) if (!isTerminal(status as OrderStatus)) findings.push(`order ${orderId} on ${symbol} is still ${status}`);
  findings.push(...openedSince(book, latchedMs));
  const { haltId } = (await createLatchFile(stack.dataDir).read()) ?? {};
  if (haltId === undefined) return [...findings, 'the latch is not set any more'];
  const { state, outcome } = await release(stack, haltId);
  if (state !== 'completed') findings.push(`releaseEmergency ended as ${state}: ${outcome ?? ''}`);
  const { findings: differences } = await settledVerdict(stack, simulatorUrl);
  return [...findings, ...differences];
}

/** Fills that made a position larger after the latch was set. */
function openedSince(book: Awaited<ReturnType<typeof readExchangeBook>>, latchedMs: number): string[] {
  const created = new Map(book.orders.map(({ orderId, createdMs }) => [orderId, createdMs]));
  const held = new Map<string, Decimal>();
  return [...book.executions].sort((a, b) => a.seq - b.seq).flatMap(({ execType, orderId, symbol, side, qty }) => {
    if (execType === 'Funding') return [];
    const before = held.get(symbol) ?? ZERO;
    const after = side === 'Buy' ? before.plus(qty) : before.minus(qty);
    held.set(symbol, after);
    return after.abs().gt(before.abs()) && (created.get(orderId) ?? 0) > latchedMs ? [`order ${orderId} on ${symbol} was created after the latch and increased risk`] : [];
  });
}

async function marketNow(simulatorUrl: string): Promise<number> {
  return ((await (await fetch(new URL('/sim/status', simulatorUrl))).json()) as { marketMs: number }).marketMs;
}

async function simulate({ simulatorUrl }: DrilledStack, plan: object): Promise<void> {
  const reply = await fetch(new URL('/sim/faults', simulatorUrl), { method: 'POST', body: JSON.stringify(plan) });
  if (!reply.ok) throw new Error(`faults: ${reply.status} ${await reply.text()}`);
}

async function untilTrue(holds: () => Promise<boolean>, over: AbortSignal): Promise<void> {
  while (!(await holds().catch(() => false))) {
    if (over.aborted) throw new Error('over');
    await new Promise((resolve) => setTimeout(resolve, FLAT_POLL_MS));
  }
}
