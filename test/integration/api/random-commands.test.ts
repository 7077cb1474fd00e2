/**
 * Two hundred commands from eight clients at once, while the market moves: whatever is said in whatever order, the books agree in the
 * end and the bot is in one state. The seed decides what each client says; COMMANDS_SEED repeats one.
 */
import { randomInt } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOT_WORKFLOW_ID } from '../../../workflows/messages.js';
import { startApiProcess, type ApiProcess } from '../../support/stack-processes.js';
import { startTradingStack, workflowBundle, type TradingStack } from '../../support/trading-stack.js';
import { seededRandom, type SeededRandom } from '../../drills/seeded-random.js';

const CLIENTS = 8;
const COMMANDS_EACH = 25;
const COMMANDS_PER_CANDLE = 4;
/** each symbol is entered before the first command; fewer would mean that the commands met nothing */
const TRADES_MIN = 3;
const CANDLE_MS = 300_000;
const FROM_MS = Date.UTC(2026, 0, 5);
const CANDLES_MAX = 400;
const SETTLED = { timeout: 60_000, interval: 100 };

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] as const;
const closes = (every: number, offset: number): number[] => Array.from({ length: CANDLES_MAX / every }, (_, n) => FROM_MS + (n * every + offset) * CANDLE_MS);
/** enters as soon as it is flat, leaves now and then */
const STRATEGIES = SYMBOLS.map((symbol, n) => ({ name: `scripted_${symbol.slice(0, 3).toLowerCase()}`, symbol, enterAtMs: closes(1, 1), exitAtMs: closes(7, n + 3) }));
const TRADING = { cooldown_minutes_after_stop: 0, stale_after_ms: 3_600_000, max_position_size: 20, daily_loss_limit: 50 };

interface Said {
  path: string;
  body: Record<string, unknown>;
  key: string | undefined;
}

interface Heard extends Said {
  status: number;
  reply: Record<string, unknown>;
}

let stack: TradingStack;
let api: ApiProcess;
beforeAll(async () => {
  stack = await startTradingStack({ fromMs: FROM_MS, toMs: FROM_MS + CANDLES_MAX * CANDLE_MS, seed: 17, stepMs: CANDLE_MS, script: { strategies: STRATEGIES, trading: TRADING } });
  api = await startApiProcess(stack);
  await stack.replayUntil(FROM_MS + 3 * CANDLE_MS);
}, 120_000);
afterAll(async () => {
  await api.stop();
  await stack.stop();
});

const COMMANDS: readonly [(random: SeededRandom) => Omit<Said, 'key'>, ...((random: SeededRandom) => Omit<Said, 'key'>)[]] = [
  () => ({ path: 'bot/pause', body: {} }),
  () => ({ path: 'bot/resume', body: {} }),
  () => ({ path: 'bot/resume', body: {} }),
  () => ({ path: 'bot/stop', body: {} }),
  (random) => ({ path: `positions/${random.pick(SYMBOLS)}/close`, body: {} }),
  (random) => ({ path: `positions/${random.pick(SYMBOLS)}/close`, body: { qty: random.pick(['0.001', '0.1', '1']) } }),
  () => ({ path: 'positions/close-all', body: {} }),
  (random) => ({ path: 'strategies/restart', body: random.pick([{}, { strategy_name: random.pick(['scripted_btc', 'scripted_eth']) }]) }),
  () => ({ path: 'risk/reset-daily-limits', body: {} }),
  (random) => ({ path: `strategies/${random.pick(['scripted_btc', 'scripted_eth', 'scripted_sol'])}/disable`, body: {} }),
  (random) => ({ path: `strategies/${random.pick(['scripted_btc', 'scripted_eth', 'scripted_sol'])}/enable`, body: {} }),
];

async function say({ path, body, key }: Said): Promise<Heard> {
  const headers: Record<string, string> = key === undefined ? {} : { 'Idempotency-Key': key };
  const response = await fetch(`${api.url}/api/v1/${path}`, { method: 'POST', body: JSON.stringify({ ...body, reason: 'at random' }), headers });
  return { path, body, key, status: response.status, reply: await response.json() as Record<string, unknown> };
}

async function read<T>(path: string): Promise<T> {
  const response = await fetch(`${api.url}/api/v1/${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return await response.json() as T;
}

/** One client: what it says depends on its seed alone. Every fifth command is repeated under its key. */
async function talk(client: number, random: SeededRandom, after: () => Promise<void>): Promise<Heard[]> {
  const heard: Heard[] = [];
  for (let n = 0; n < COMMANDS_EACH; n += 1) {
    const key = n % 5 === 3 ? `client-${client}-${n}` : undefined;
    const said = { ...random.pick(COMMANDS)(random), key };
    heard.push(await say(said));
    if (key !== undefined && n + 1 < COMMANDS_EACH) {
      heard.push(await say(said));
      n += 1;
    }
    await after();
  }
  return heard;
}

describe('commands at random', () => {
  const seed = Number(process.env['COMMANDS_SEED'] ?? randomInt(1, 2 ** 31));

  it(`from eight clients at once leave books that agree and a bot in one state (seed ${seed})`, async () => {
    console.log(`commands at random: COMMANDS_SEED=${seed}`);
    const market = new Market();
    const heard = (await Promise.all(Array.from({ length: CLIENTS }, (_, client) => talk(client, seededRandom(seed + client), () => market.moveOn())))).flat();
    await market.rest();
    expect(heard).toHaveLength(CLIENTS * COMMANDS_EACH);
    expect(heard.filter(({ status }) => ![200, 202, 404, 409].includes(status)).map(({ path, status, reply }) => ({ path, status, detail: reply['detail'] }))).toEqual([]);
    expect(repeatedOtherwise(heard)).toEqual([]);
    expect(heard.filter(isContradicted)).toEqual([]);

    await bringToRest();
    const { findings, figures } = await stack.check();
    console.log(`commands at random: ${JSON.stringify(figures)}`);
    expect(findings).toEqual([]);
    const { closed = 0, ...others } = await tradesByState();
    expect({ hasTraded: closed >= TRADES_MIN, others: Object.keys(others).filter((state) => state !== 'failed') }).toEqual({ hasTraded: true, others: [] });
    expect((await audited()).commands).toBe(heard.length + LAST_COMMANDS.length);
    expect(await unrepeatableRuns()).toEqual([]);
  }, 240_000);
});

/** The market goes on with every fourth command, whether or not the bot decides. */
class Market {
  private commands = 0;
  private moving: Promise<void> = Promise.resolve();

  moveOn(): Promise<void> {
    this.commands += 1;
    if (this.commands % COMMANDS_PER_CANDLE === 0) this.moving = this.moving.then(() => stack.advanceTo(stack.simulator.status().marketMs + CANDLE_MS));
    return this.moving;
  }

  rest(): Promise<void> {
    return this.moving;
  }
}

/** The same key has the same answer. What was refused, or nobody has answered yet, may be answered anew. */
function repeatedOtherwise(heard: readonly Heard[]): unknown[] {
  const answers = new Map<string, Set<string>>();
  for (const { key, status, reply } of heard) {
    if (key === undefined || status >= 300 || reply['state'] === null) continue;
    answers.set(key, (answers.get(key) ?? new Set()).add(JSON.stringify(reply)));
  }
  return [...answers].filter(([, different]) => different.size > 1).map(([key, different]) => ({ key, different: [...different] }));
}

const STATE_AFTER: Record<string, string> = { 'bot/pause': 'paused', 'bot/resume': 'running', 'bot/stop': 'stopped' };

/** Whatever the others have said meanwhile: the answer to a pause is that of the pause. */
function isContradicted({ path, status, reply }: Heard): boolean {
  const expected = STATE_AFTER[path];
  return expected !== undefined && status === 200 && reply['state'] !== expected;
}

const LAST_COMMANDS = ['strategies/scripted_btc/disable', 'strategies/scripted_eth/disable', 'strategies/scripted_sol/disable', 'bot/resume', 'positions/close-all'] as const;

/** Nothing new may open, what is open is closed: then exchange, ledger and bot must say the same, which is nothing. */
async function bringToRest(): Promise<void> {
  for (const path of LAST_COMMANDS) expect((await say({ path, body: {}, key: undefined })).status).toBeLessThan(300);
  await stack.replayUntil((Math.floor(stack.simulator.status().marketMs / CANDLE_MS) + 2) * CANDLE_MS);
  await expect.poll(async () => {
    const { state, open_trades: open, blocked_because: blocked } = await read<{ state: string; open_trades: unknown[]; blocked_because: string | null }>('bot/status');
    const { positions } = await read<{ positions: unknown[] }>('positions/active');
    return { state, open, blocked, positions, onExchange: (await stack.exchange.positions()).filter(({ side }) => side !== 'None') };
  }, SETTLED).toEqual({ state: 'running', open: [], blocked: null, positions: [], onExchange: [] });
}

/** What a worker has to do that takes the bot over: go through its runs again, and arrive at the same (docs/adr/0007). */
async function unrepeatableRuns(): Promise<string[]> {
  const bundle = await workflowBundle();
  const failures: string[] = [];
  for await (const { runId } of stack.client.workflow.list({ query: `WorkflowId = '${BOT_WORKFLOW_ID}'` })) {
    const history = await stack.client.workflow.getHandle(BOT_WORKFLOW_ID, runId).fetchHistory();
    await Worker.runReplayHistory({ workflowBundle: bundle }, history, BOT_WORKFLOW_ID).catch((error: unknown) => failures.push(String(error)));
  }
  return failures;
}

async function tradesByState(): Promise<Record<string, number>> {
  const rows = await stack.database.query<{ state: string; trades: string }>('select state, count(*) as trades from trades group by state');
  return Object.fromEntries(rows.map(({ state, trades }) => [state, Number(trades)]));
}

async function audited(): Promise<{ commands: number }> {
  const [row] = await stack.database.query<{ commands: string }>('select count(*) as commands from audit');
  return { commands: Number(row?.commands ?? 0) };
}
