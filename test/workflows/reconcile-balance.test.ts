/** A real ledger is harmed; the reconciliation has to say by what, repair what the exchange proves, and tell the rest. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunOnTheWire } from '../../api/runbook-schema.js';
import { dec, toDecimalString } from '../../core/money/decimal.js';
import { closedRun, setRunbookStage, startedRun, type RunbookStage } from '../support/runbook-stage.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { eventually } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 0, 5);
const CANDLE_MS = 900_000;
const CANDLES = 40;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;
const TIMEOUT_MS = 90_000;
const RECONCILE = '/api/v1/runbooks/reconcileBalance';
const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', interval: '15', enterAtMs: [at(2), at(8), at(20)], exitAtMs: [at(6), at(14)] };
const ETH = { name: 'scripted_eth', symbol: 'ETHUSDT', interval: '15', enterAtMs: [at(4)], exitAtMs: [at(34)] };
const MOVED = ['trades', 'funding', 'executions', 'orders', 'order_intents'] as const;

describe('reconciling the balance', () => {
  let stack: TradingStack;
  let stage: RunbookStage;
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(CANDLES + 1), seed: 7, script: { strategies: [BTC, ETH] } });
    stage = await setRunbookStage({ stack });
    await stack.replayUntil(at(CANDLES));
    await eventually(async () => expect((await stack.check()).findings).toEqual([]));
    for (const table of MOVED) await stack.database.query(`create table kept_${table} as table ${table}`);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await stage.close();
    await stack.stop();
  });
  afterEach(async () => {
    for (const table of MOVED) await stack.database.query(`delete from ${table}`);
    for (const table of [...MOVED].reverse()) await stack.database.query(`insert into ${table} select * from kept_${table}`);
  });

  const reconciled = async (params: object = {}): Promise<RunOnTheWire> => closedRun(stage, stack, await startedRun(stage, RECONCILE, { params, reason: 'the books differ' }));
  const resultOf = (run: RunOnTheWire, name: string): string => run.steps.find((step) => step.name === name)?.result ?? '';

  it('finds nothing where nothing is wrong', async () => {
    const run = await reconciled();
    expect(run).toMatchObject({ state: 'completed', outcome: expect.stringMatching(/^exchange and ledger agree: \d+\.\d+ USDT$/) as string, remaining: [] });
    expect(run.steps.map(({ name, state }) => [name, state])).toEqual(['compare exchange and ledger', 'repair what the exchange proves', 'compare again', 'alert on what remains'].map((name) => [name, 'done']));
  }, TIMEOUT_MS);

  it('explains a balance by the executions that are missing, and brings them back', async () => {
    await stack.database.query("delete from executions where trade_id = (select trade_id from trades where symbol = 'BTCUSDT' and state = 'closed' order by timestamp limit 1) and exec_id not in (select exec_id from funding)");
    const run = await reconciled();
    expect(resultOf(run, 'compare exchange and ledger')).toMatch(/difference -?\d+\.\d+ USDT; execution \S+ \(BTCUSDT Trade Buy .*is missing from the ledger: -?[\d.]+ USDT; execution \S+ \(BTCUSDT Trade Sell/);
    expect(run).toMatchObject({ state: 'completed', outcome: expect.stringContaining('agree') as string, remaining: [], figures: { 'compare exchange and ledger': { unexplained: '0' } } });
    expect((await stack.check()).findings).toEqual([]);
  }, TIMEOUT_MS);

  it('names the trade on executions that a broken-off repair has brought back without it', async () => {
    await stack.database.query("update executions set trade_id = null where trade_id = (select trade_id from trades where symbol = 'BTCUSDT' and state = 'closed' order by timestamp limit 1)");
    expect((await stack.check()).findings).not.toEqual([]);
    const run = await reconciled();
    expect(resultOf(run, 'repair what the exchange proves')).toMatch(/\d+ executions attributed/);
    expect(run).toMatchObject({ state: 'completed', outcome: expect.stringContaining('agree') as string, remaining: [] });
    expect((await stack.check()).findings).toEqual([]);
  }, TIMEOUT_MS);

  it.each<[string, string]>([
    ['funding payments without their row', 'delete from funding'],
    ['an open trade whose row is gone', "delete from trades where state = 'open'"],
    ['an open order that the ledger has not heard of', "delete from orders where status = 'Untriggered'"],
    ['an order that the ledger believes open', "update orders set status = 'New', updated_at = created_at - interval '1 second' where order_id = (select order_id from orders where status = 'Filled' order by created_at limit 1)"],
  ])('repairs %s', async (_what, statement) => {
    await stack.database.query(statement);
    const run = await reconciled();
    expect(resultOf(run, 'compare exchange and ledger')).not.toContain('agree');
    expect(run).toMatchObject({ state: 'completed', outcome: expect.stringContaining('agree') as string, remaining: [] });
    expect((await stack.check()).findings).toEqual([]);
  }, TIMEOUT_MS);

  it('marks an order that the exchange knows no more', async () => {
    await stack.database.query("insert into orders select 'nobody-knows', '', parent_order_link_id, symbol, side, order_type, 'New', stop_order_type, create_type, cancel_type, reject_reason, qty, price, trigger_price, stop_loss, take_profit, cum_exec_qty, cum_exec_value, cum_exec_fee, avg_price, reduce_only, created_at, updated_at from orders limit 1");
    expect(resultOf(await reconciled(), 'repair what the exchange proves')).toContain('1 marked that the exchange knows no more');
    expect(await stack.database.query("select status, cancel_type from orders where order_id = 'nobody-knows'")).toEqual([{ status: 'Cancelled', cancel_type: 'NotOnExchange' }]);
  }, TIMEOUT_MS);

  it('touches no execution that the exchange does not know or has with other values, and raises the alarm', async () => {
    const [extra] = await stack.database.query<{ exec_id: string }>("insert into executions select 'invented', exec_type, trade_id, order_id, order_link_id, symbol, side, stop_order_type, create_type, price, qty, value, 1.25, fee_rate, is_maker, closed_size, mark_price, executed_at, seq + 1 from executions where side = 'Sell' limit 1 returning exec_id");
    await stack.database.query("update executions set fee = fee + 0.5 where exec_id = (select exec_id from executions where exec_id <> 'invented' order by executed_at limit 1)");
    const run = await reconciled();
    expect(run.state).toBe('completed');
    expect(run.remaining).toEqual(expect.arrayContaining([expect.stringContaining('execution invented'), expect.stringContaining('differs in fee')]));
    expect(run.figures['compare again']).toMatchObject({ unexplained: '0' });
    expect(await stack.database.query('select exec_id from executions where exec_id = $1', [extra?.exec_id])).toHaveLength(1);
    expect(await stack.database.query("select code, severity from events where source = 'reconcileBalance' and event_id like 'reconciliation-%'")).toEqual([{ code: 40007, severity: 'critical' }]);
  }, TIMEOUT_MS);

  it('as a what-if changes nothing, and names the movement that explains the difference', async () => {
    const book = await stack.book();
    const settled = book.transactions.find(({ type }) => type === 'SETTLEMENT');
    if (!settled) throw new Error('no funding was paid');
    await stack.database.query('delete from executions where exec_id not in (select exec_id from funding)');
    const exchange = book.wallet.walletBalance;
    const database = toDecimalString(dec(exchange).minus(dec(settled.funding)));
    const run = await reconciled({ exchange_balance: exchange, database_balance: database });
    expect(run).toMatchObject({ state: 'completed', outcome: expect.stringContaining(`${settled.funding} USDT: missing in the database: SETTLEMENT`) as string });
    expect(run.steps.slice(1).map(({ result }) => result)).toEqual(Array.from({ length: 3 }, () => 'not needed: a what-if changes nothing'));
    expect(await stack.database.query('select 1 from executions where exec_id not in (select exec_id from funding)')).toEqual([]);
  }, TIMEOUT_MS);

  it('takes the amounts of the guide, and refuses half of them and what is no amount', async () => {
    const guide = await reconciled({ exchange_balance: '10000.50', database_balance: '9950.25' });
    expect(guide).toMatchObject({ state: 'completed', figures: { difference: '50.25' }, outcome: expect.stringContaining('no movement of the account') as string });
    expect(await reconciled({ exchange_balance: '10000.50' })).toMatchObject({ state: 'refused', outcome: expect.stringContaining('belong together') as string });
    expect(await stage.post(RECONCILE, { params: { exchange_balance: 'ten', database_balance: '1' } })).toMatchObject({ status: 400 });
  }, TIMEOUT_MS);
});
