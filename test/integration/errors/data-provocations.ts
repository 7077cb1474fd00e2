/**
 * What goes wrong with candles, feeds and the ledger of a running bot. They share one bot and one market, in this order.
 * The strategy wants more candles than the ledger has, so once it has forgotten them it asks the exchange.
 */
import { expect } from 'vitest';
import type { ErrorCode } from '../../../core/errors/catalogue.js';
import { BOT_WORKFLOW_ID, commandUpdate, type BotCommand } from '../../../workflows/messages.js';
import type { Provocation } from './provocation.js';
import type { TradingStage, TroubledStrategy } from './trading-stage.js';

const THROWS_AT = 8;
/** more than the feed's 100 */
export const DATA_STRATEGIES: TroubledStrategy[] = [{ name: 'troubled_btc', symbol: 'BTCUSDT', warmUp: 150, throwAt: [THROWS_AT] }];

const candlesAre = (change: string) => ({ kind: 'candles', change });

export const DATA_PROVOCATIONS: readonly Provocation<TradingStage>[] = [
  { codes: [40005], when: 'the exchange leaves a candle out', provoke: (stage) => candlesWhile(stage, { code: 40005, rule: candlesAre('missing') }) },
  { codes: [40002], when: 'the exchange gives a candle twice', provoke: (stage) => candlesWhile(stage, { code: 40002, rule: candlesAre('twice') }) },
  { codes: [40007], when: 'a candle has its high below its low', provoke: (stage) => candlesWhile(stage, { code: 40007, rule: candlesAre('invalid') }) },
  { codes: [40010], when: 'a candle has a word where its close should be', provoke: (stage) => candlesWhile(stage, { code: 40010, rule: candlesAre('unreadable') }) },
  { codes: [40004], when: 'neither memory, ledger nor exchange give the candles', provoke: (stage) => candlesWhile(stage, { code: 40004, rule: { kind: 'httpStatus', endpoint: '/v5/market/kline', status: 502 } }) },
  {
    codes: [10008], when: 'a strategy throws',
    provoke: async (stage) => {
      for (let candle = 0; candle < THROWS_AT;) candle = await stage.nextCandle();
    },
  },
  {
    codes: [40006], when: 'the stream of the market breaks',
    provoke: async (stage) => {
      await stage.fail({ kind: 'dropSocket', socket: 'public', limit: 1 });
      await stage.stack.advanceTo(stage.stack.simulator.status().marketMs + 60_000);
      await expect.poll(() => stage.said(40006), { timeout: 20_000 }).toBe(true);
    },
  },
  { codes: [40008], when: 'the disk of the database is full', provoke: withFullDisk },
  { codes: [10003], when: 'PostgreSQL is away while the bot decides', provoke: withoutDatabase },
];

/** The bot waits at the candle until its strategy has what it needs. */
async function candlesWhile(stage: TradingStage, { code, rule }: { code: ErrorCode; rule: Record<string, unknown> }): Promise<void> {
  const restart: BotCommand = { verb: 'restart_strategies', strategies: [], requestId: `restart-${code}`, reason: 'a test', actor: 'test' };
  await stage.stack.client.workflow.getHandle(BOT_WORKFLOW_ID).executeUpdate(commandUpdate, { args: [restart] });
  await stage.fail(rule);
  const decided = stage.nextCandle();
  await expect.poll(() => stage.said(code), { timeout: 20_000 }).toBe(true);
  await stage.heal();
  await decided;
}

/** What PostgreSQL answers when the disk is full, at the table that the bot writes at every candle. */
async function withFullDisk(stage: TradingStage): Promise<void> {
  const { database } = stage.stack;
  await database.query(`create function refuse_writes() returns trigger language plpgsql as $$ begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$`);
  await database.query('create trigger full_disk before insert or update on positions execute function refuse_writes()');
  await database.query('create trigger full_disk before insert or update on equity execute function refuse_writes()');
  const decided = stage.nextCandle();
  await expect.poll(() => stage.said(40008), { timeout: 20_000 }).toBe(true);
  await database.query('drop function refuse_writes() cascade');
  await decided;
}

async function withoutDatabase(stage: TradingStage): Promise<void> {
  stage.stack.databaseLink.cut();
  const decided = stage.nextCandle();
  await expect.poll(() => stage.said(10003), { timeout: 20_000 }).toBe(true);
  stage.stack.databaseLink.mend();
  await decided;
}
