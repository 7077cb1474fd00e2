/** Graceful restarts of real processes in a market that runs on, with kill -9 in the middle of the runbook. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunOnTheWire } from '../../../api/runbook-schema.js';
import type { RunningStack } from '../../../embedded/stack.js';
import { writeChattyConfiguration } from '../../drills/chatty-configuration.js';
import { startDrilledStack, type DrilledStack } from '../../drills/drilled-stack.js';
import { eventually, lifecycle, settledVerdict } from '../../drills/free-run.js';
import { recordedTrades } from '../../drills/recorded-trades.js';
import { post, startRun } from '../../drills/runbook-drill.js';

const SEED = 11;
/** a candle of five minutes every second; the market outlasts the restarts */
const MARKET = { data: undefined, marketSeed: SEED, fromMs: Date.UTC(2026, 0, 5), days: 2, speed: 300 };
const TIMEOUT_MS = 240_000;

/** What a failed expectation has to tell: how each step ended. */
const told = ({ outcome, steps }: RunOnTheWire): string => [outcome, ...steps.map(({ name, state, result }) => `${name}: ${state}, ${result}`)].join('\n');

describe('gracefulRestart of the trading worker while the market runs', { timeout: TIMEOUT_MS }, () => {
  let drilled: DrilledStack;
  beforeAll(async () => {
    drilled = await startDrilledStack({ market: MARKET, configPath: await writeChattyConfiguration('5') });
  }, TIMEOUT_MS);
  afterAll(() => drilled.end(), TIMEOUT_MS);

  it('replaces the process and trades on', async () => {
    const { stack } = drilled;
    const before = stack.pids()['trading-worker'];
    const run = await (await startRun(stack, 'gracefulRestart', { reason: 'drill' })).ended();
    expect(run, told(run)).toMatchObject({ state: 'completed', remaining: [], figures: { tradingPausedSeconds: expect.any(Number) as number } });
    expect(stack.pids()['trading-worker']).not.toBe(before);
    await tradesOn(stack);
  });

  // The whole matrix of victims and steps is `npm run drills`.
  it.each([
    { victim: 'maintenance-worker', step: 'save state' },
    { victim: 'trading-worker', step: 'verify health' },
    { victim: 'temporal', step: 'wait for the new instance' },
  ])('comes to its end when its $victim is killed: $step; a second start attaches', async ({ victim, step }) => {
    const { stack } = drilled;
    const run = await startRun(stack, 'gracefulRestart', { reason: `drill: ${victim}` });
    expect(await post(stack, '/api/v1/runbooks/gracefulRestart', { reason: 'once more' })).toMatchObject({ status: 202, json: { attached: true, run_id: run.runId } });
    await run.reached(step);
    stack.kill(victim, 'SIGKILL');
    const ended = await run.ended();
    expect(ended, told(ended)).toMatchObject({ state: 'completed', reason: `drill: ${victim}` });
    await tradesOn(stack);
  });

  it('has the supervisor replace a process that is frozen and answers nobody', async () => {
    const { stack } = drilled;
    const frozen = stack.pids()['trading-worker'];
    stack.kill('trading-worker', 'SIGSTOP');
    const run = await (await startRun(stack, 'gracefulRestart', { reason: 'drill: frozen' })).ended();
    expect(run, told(run)).toMatchObject({ state: 'completed', remaining: [], steps: expect.arrayContaining([expect.objectContaining({ name: 'stop service', result: expect.stringContaining('its supervisor restarts it') as string })]) as unknown });
    expect(stack.pids()['trading-worker']).not.toBe(frozen);
    await tradesOn(stack);
  });

  it('restarts all services at once', async () => {
    const { stack } = drilled;
    const before = stack.pids();
    const run = await (await startRun(stack, 'gracefulRestart', { params: { service: 'all' }, reason: 'drill' })).ended();
    expect(run, told(run)).toMatchObject({ state: 'completed', remaining: [] });
    for (const service of ['trading-worker', 'maintenance-worker', 'api']) expect(stack.pids()[service]).not.toBe(before[service]);
  });

  it('leaves equal books behind', async () => {
    const { stack, simulatorUrl } = drilled;
    expect(await post(stack, '/api/v1/bot/pause', { reason: 'the drill is over' })).toMatchObject({ status: 200 });
    expect((await settledVerdict(stack, simulatorUrl)).findings).toEqual([]);
  });
});

/** Resolves when the bot runs and has closed one more trade than before. */
async function tradesOn(stack: RunningStack): Promise<void> {
  const closed = async (): Promise<number> => (await recordedTrades(stack.databaseUrl)).filter(({ state }) => state === 'closed').length;
  expect(await lifecycle(stack)).toBe('running');
  const before = await closed();
  await eventually('another trade is closed', async () => (await closed()) > before);
}
