/** Real facts are taken out of a real ledger; recovering them has to bring every one back, and the trades as they were. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecoveryReport } from '../../core/reconciliation/recovery-report.js';
import { closedRun, setRunbookStage, startedRun, type RunbookStage } from '../support/runbook-stage.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { eventually, tradeRow } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 0, 5);
const CANDLE_MS = 900_000;
const CANDLES = 40;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;
const TIMEOUT_MS = 90_000;
const RECOVER = '/api/v1/runbooks/recoverTradeHistory';
const SPAN = { start_date: '2026-01-03', end_date: '2026-01-06' };

const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', interval: '15', enterAtMs: [at(2), at(8), at(20)], exitAtMs: [at(6), at(14)] };
const ETH = { name: 'scripted_eth', symbol: 'ETHUSDT', interval: '15', enterAtMs: [at(4), at(30)], exitAtMs: [at(34)] };

const SOL = { name: 'scripted_sol', symbol: 'SOLUSDT', interval: '15', enterAtMs: [at(10)] };
const JUMP_AT = 12;

const TABLES = { executions: 'exec_id', funding: 'exec_id', orders: 'order_id', order_intents: 'order_link_id', trades: 'trade_id', price_data: 'symbol, interval, timestamp' } as const;
type Table = keyof typeof TABLES;

const everyOther = (table: string): string =>
  `delete from ${table} where exec_id in (select exec_id from (select exec_id, row_number() over (order by executed_at, seq) as n from executions) e where n % 2 = 0)`;

describe('recovering the trade history', () => {
  let stack: TradingStack;
  let stage: RunbookStage;
  let before: Record<Table, unknown[]>;
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(CANDLES + 1), seed: 7, script: { strategies: [BTC, ETH, SOL], trading: { cooldown_minutes_after_stop: 0 } } });
    stage = await setRunbookStage({ stack });
    await stack.replayUntil(at(JUMP_AT));
    const stopped = (await stack.ledger.openTrades()).find(({ symbol }) => symbol === SOL.symbol);
    await stack.simulate('jump', { symbol: SOL.symbol, price: String(Math.floor(Number(stopped?.stopLoss) * 0.995)) });
    await stack.replayUntil(at(CANDLES));
    await eventually(async () => expect((await stack.check()).findings).toEqual([]));
    // fundings of an open trade are attributed at its end; recovering does it at once
    await recover(SPAN);
    before = await wholeLedger();
  }, TIMEOUT_MS);
  afterAll(async () => {
    await stage.close();
    await stack.stop();
  });

  /** Everything but when it was written, what the workers measured of themselves, and what an open trade has come to so far. */
  async function wholeLedger(): Promise<Record<Table, unknown[]>> {
    const tables = await Promise.all((Object.keys(TABLES) as Table[]).map(async (table) => {
      const rows = await stack.database.query<{ row: Record<string, unknown> }>(`select to_jsonb(t) - 'recorded_at' - 'timings' as row from ${table} t order by ${TABLES[table]}`);
      return [table, rows.map(({ row }) => (row['state'] === 'open' ? { ...row, funding: 'its workflow books it', realised_pnl: 'at the end' } : row))] as const;
    }));
    return Object.fromEntries(tables) as Record<Table, unknown[]>;
  }

  async function recover(params: object): Promise<RecoveryReport> {
    const run = await closedRun(stage, stack, await startedRun(stage, RECOVER, { params, reason: 'rows are gone' }));
    expect({ state: run.state, outcome: run.outcome, remaining: run.remaining }).toEqual({ state: 'completed', outcome: expect.stringContaining('recovered') as unknown, remaining: [] });
    expect(run.steps.map(({ name, state }) => [name, state])).toEqual(
      ['fetch executions and funding', 'fetch orders', 'fetch candles', 'rebuild trades', 'verify that nothing is missing'].map((name) => [name, 'done']));
    return run.figures['recovered'] as RecoveryReport;
  }

  const lose = (statement: string): Promise<unknown[]> => stack.database.query(statement);

  it('has traded: several trades are over, by signal and by stop, one is open, funding was paid', async () => {
    const states = await stack.database.query('select state, exit_reason from trades');
    expect(states.length).toBeGreaterThanOrEqual(5);
    expect(before.funding.length).toBeGreaterThan(0);
    for (const state of [{ state: 'closed', exit_reason: 'signal' }, { state: 'closed', exit_reason: 'stop_loss' }, { state: 'open', exit_reason: null }]) expect(states).toContainEqual(state);
  });

  it('of a whole ledger inserts nothing', async () => {
    const report = await recover(SPAN);
    expect(insertedOf(report)).toEqual({ executions: 0, funding: 0, orders: 0, candles: 0, intents: 0, trades: 0 });
    expect(report.trades.found).toBe(before.trades.length);
    expect(await wholeLedger()).toEqual(before);
  }, TIMEOUT_MS);

  it.each<[string, string[]]>([
    ['every other execution', [everyOther('funding'), everyOther('executions')]],
    ['all funding payments, the executions of them kept', ['delete from funding']],
    ['orders', ["delete from orders where symbol = 'BTCUSDT'"]],
    ['intents', ['delete from order_intents']],
    ['whole trades', ['delete from trades']],
    ['the profit of a trade, which now says something else', ["update trades set realised_pnl = 1, gross_pnl = 2, closed_at = null where state = 'closed'"]],
    ['candles in the middle', ["delete from price_data where timestamp between '2026-01-05T02:00Z' and '2026-01-05T04:00Z'"]],
    ['which trade executions belong to', ['update executions set trade_id = null']],
    ['everything', ['delete from funding', 'delete from executions', 'delete from orders', 'delete from order_intents', 'delete from trades', 'delete from price_data']],
  ])('brings back %s, exactly, and a second run inserts nothing', async (_what, statements) => {
    for (const statement of statements) await lose(statement);
    await recover(SPAN);
    expect(await wholeLedger()).toEqual(before);
    expect((await stack.check()).findings).toEqual([]);
    expect(insertedOf(await recover(SPAN))).toEqual({ executions: 0, funding: 0, orders: 0, candles: 0, intents: 0, trades: 0 });
  }, TIMEOUT_MS);

  it('takes a trade whole that lasts longer than the span', async () => {
    await lose('delete from funding');
    await lose('delete from executions');
    await lose('delete from trades');
    const span = { start_date: new Date(at(8)).toISOString(), end_date: new Date(at(9)).toISOString(), symbols: ['BTCUSDT'] };
    expect(await recover(span)).toMatchObject({ trades: { found: 1, inserted: 1 } });
    const [whole] = (await wholeLedger()).trades;
    expect(before.trades).toContainEqual(whole);
    await recover(SPAN);
    expect(await wholeLedger()).toEqual(before);
  }, TIMEOUT_MS);

  it('goes on where it was when its worker is replaced, and is attached to by a second start', async () => {
    await lose('delete from funding');
    await lose('delete from executions');
    await stack.simulate('faults', { rules: [{ kind: 'delayReply', endpoint: '/v5/execution/list', delayMs: 400 }] });
    const id = await startedRun(stage, RECOVER, { params: SPAN, reason: 'rows are gone' });
    expect(await stage.post(RECOVER, { params: SPAN, reason: 'again' })).toMatchObject({ status: 202, json: { run_id: id, attached: true } });
    await stage.stopWorker();
    await stage.startWorker();
    await stack.clearFaults();
    expect(await closedRun(stage, stack, id)).toMatchObject({ state: 'completed' });
    expect(await wholeLedger()).toEqual(before);
  }, TIMEOUT_MS);

  it('plans: says how many windows it asks for and what is missing, and refuses a span that is none', async () => {
    await lose("delete from funding where symbol = 'ETHUSDT'");
    await lose("delete from executions where symbol = 'ETHUSDT'");
    const params = { ...SPAN, symbols: ['ETHUSDT'] };
    expect(await stage.post(`${RECOVER}/plan`, { params })).toMatchObject({ status: 200, json: { effects: expect.arrayContaining([expect.stringMatching(/^[1-9]\d* executions, \d+ funding, 0 orders will be inserted$/)]) as unknown } });
    expect(await stage.post(`${RECOVER}/plan`, { params: { start_date: '2026-01-06', end_date: '2026-01-05' } })).toMatchObject({ status: 200, json: { refusals: [expect.stringContaining('is no span')] } });
    expect(await stage.post(`${RECOVER}/plan`, { params: { start_date: '6.1.2026', end_date: '2026-01-05' } })).toMatchObject({ status: 400 });
    await recover(params);
  }, TIMEOUT_MS);

  it('leaves an open trade to its workflow, which ends it as if nothing had been', async () => {
    const open = (await stack.ledger.openTrades())[0];
    if (!open) throw new Error('no trade is open');
    await lose(`delete from trades where trade_id = '${open.tradeId}'`);
    await recover(SPAN);
    expect(await tradeRow(stack, open.tradeId)).toMatchObject({ ...open, timings: null, funding: expect.any(String) as string, realisedPnl: expect.any(String) as string });
    await stack.simulate('jump', { symbol: open.symbol, price: String(Math.floor(Number(open.stopLoss) * 0.995)) });
    await eventually(async () => expect(await tradeRow(stack, open.tradeId)).toMatchObject({ state: 'closed', exitReason: 'stop_loss' }));
    await eventually(async () => expect((await stack.check()).findings).toEqual([]));
  }, TIMEOUT_MS);
});

function insertedOf({ kinds, trades }: RecoveryReport): Record<string, number> {
  return { ...Object.fromEntries(Object.entries(kinds).map(([kind, { inserted }]) => [kind, inserted])), trades: trades.inserted + trades.corrected };
}
