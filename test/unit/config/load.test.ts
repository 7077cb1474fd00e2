import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigurationError, describeFinding } from '../../../config/findings.js';
import { loadConfiguration } from '../../../config/load.js';
import { riskLimits } from '../../../config/risk-limits.js';

let directory: string;
beforeAll(async () => { directory = await mkdtemp(join(tmpdir(), 'bot-config-')); });
afterAll(() => rm(directory, { recursive: true }));

const VALID = {
  trading: { max_position_size: 10, daily_loss_limit: 5 },
  strategies: [
    { name: 'mean_reversion_btc', enabled: true },
    { name: 'sma_cross_eth', enabled: false, parameters: { sma_fast: 5, sma_slow: 20 } },
  ],
};

async function written(content: unknown): Promise<string> {
  const path = join(directory, 'config.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function refusal(content: unknown): Promise<ConfigurationError> {
  try {
    await loadConfiguration(await written(content));
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

const problems = async (content: unknown): Promise<string[]> => (await refusal(content)).findings.map(describeFinding);
const trading = (fields: object) => ({ ...VALID, trading: { ...VALID.trading, ...fields } });

describe('a valid configuration', () => {
  it('is completed with defaults, its money as decimal text, its strategies ready to evaluate', async () => {
    const configuration = await loadConfiguration(await written(VALID));
    expect(configuration).toMatchObject({
      mode: 'paper',
      trading: { max_position_size: '10', position_size_unit: 'percent', daily_loss_limit: '5', max_positions: 3, stop_loss_percent: '2', leverage: '2' },
      exchange: { order_transport: 'rest', request_timeout_ms: 5_000, recv_window_ms: 5_000 },
      feed: { overdue_check_ms: 10_000 },
    });
    expect(configuration.strategies.map(({ name, enabled, symbol }) => [name, enabled, symbol])).toEqual([['mean_reversion_btc', true, 'BTCUSDT'], ['sma_cross_eth', false, 'ETHUSDT']]);
    expect(configuration.strategies[1]?.parameters).toMatchObject({ sma_fast: 5, sma_slow: 20, rsi_period: 14 });
  });

  it('is frozen all the way down', async () => {
    const configuration = await loadConfiguration(await written(VALID));
    expect(() => Object.assign(configuration.trading, { max_positions: 20 })).toThrow(TypeError);
    expect(() => Object.assign(configuration.strategies[0] ?? {}, { enabled: false })).toThrow(TypeError);
  });

  it('keeps every digit of a limit', async () => {
    const exact = await loadConfiguration(await written(trading({ max_position_size: 12.345678, daily_loss_limit: 0.3 })));
    expect([exact.trading.max_position_size, exact.trading.daily_loss_limit]).toEqual(['12.345678', '0.3']);
  });

  it('ships with the bot, trading three strategies on three symbols in paper mode', async () => {
    const configuration = await loadConfiguration('config/default.json');
    expect(configuration.mode).toBe('paper');
    expect(configuration.strategies.filter(({ enabled }) => enabled).map(({ name, symbol }) => `${name} ${symbol}`)).toEqual(['mean_reversion_btc BTCUSDT', 'sma_cross_eth ETHUSDT', 'breakout_sol SOLUSDT']);
  });

  it('may name a strategy of the user that lies in the folder strategies/ beside it', async () => {
    await mkdir(join(directory, 'strategies'), { recursive: true });
    await writeFile(join(directory, 'strategies', 'always_hold.mjs'), `export const strategy = ({ z }) => ({
      name: 'always_hold', description: 'holds', parametersSchema: z.strictObject({ patience: z.number().min(1) }),
      symbol: () => 'XRPUSDT', interval: () => '60', warmUp: () => 1, evaluate: () => ({ kind: 'hold', conditions: [] }),
    });`);
    const withOwn = (patience: number) => ({ ...VALID, strategies: [...VALID.strategies, { name: 'always_hold', enabled: true, parameters: { patience } }] });
    expect((await loadConfiguration(await written(withOwn(2)))).strategies[2]).toMatchObject({ name: 'always_hold', symbol: 'XRPUSDT', interval: '60' });
    expect(await problems(withOwn(0))).toEqual(['strategies[2].parameters.patience is too small']);
  });

  it('gives the risk rules their limits', async () => {
    expect(riskLimits(await loadConfiguration(await written(VALID)))).toMatchObject({ maxPositionSize: '10', positionSizeUnit: 'percent', dailyLossLimitPercent: '5', maxPositions: 3, takerFeeRate: '0.00055' });
  });
});

describe('the ranges of the guide', () => {
  it.each([
    ['max_position_size', 0.01, 10_000, 0.009, 10_000.01],
    ['daily_loss_limit', 0.1, 50, 0.09, 50.01],
    ['max_positions', 1, 20, 0, 21],
    ['stop_loss_percent', 0.1, 20, 0.09, 20.01],
    ['leverage', 1, 25, 0.9, 26],
  ])('hold for %s at both ends', async (field, ...[least, most, below, above]) => {
    const base = { max_position_size: 10_000, daily_loss_limit: 0.1, position_size_unit: 'usdt' };
    for (const value of [least, most]) await expect(loadConfiguration(await written(trading({ ...base, [field]: value })))).resolves.toBeDefined();
    for (const [value, word] of [[below, 'small'], [above, 'large']] as const) {
      const error = await refusal(trading({ ...base, [field]: value }));
      expect(error.findings).toEqual([expect.objectContaining({ field: `trading.${field}`, problem: `is too ${word}` })]);
      expect(error.fix).toContain(`from ${least} to ${most}`);
    }
  });

  it('require max_position_size and daily_loss_limit, and whole positions', async () => {
    expect(await problems({ ...VALID, trading: { max_positions: 2.5 } })).toEqual(['trading.max_position_size is missing', 'trading.daily_loss_limit is missing', 'trading.max_positions has a wrong value']);
  });
});

describe('the rules over several fields', () => {
  it('keep daily_loss_limit within 5 times max_position_size, where both are percentages', async () => {
    expect(await problems(trading({ max_position_size: 1, daily_loss_limit: 5.1 }))).toEqual([expect.stringContaining('trading.daily_loss_limit should not exceed 5 times trading.max_position_size')]);
    await expect(loadConfiguration(await written(trading({ max_position_size: 1, daily_loss_limit: 5 })))).resolves.toBeDefined();
    await expect(loadConfiguration(await written(trading({ max_position_size: 0.01, position_size_unit: 'base' })))).resolves.toBeDefined();
  });

  it('want at least one enabled strategy', async () => {
    const expected = ['strategies has no enabled strategy; at least one must be enabled'];
    expect(await problems({ ...VALID, strategies: [] })).toEqual(expected);
    expect(await problems({ ...VALID, strategies: [{ name: 'breakout_sol', enabled: false }] })).toEqual(expected);
  });

  it('refuse two enabled strategies on one symbol, also when one symbol is a default', async () => {
    const second = { name: 'breakout_sol', enabled: true, parameters: { symbol: 'BTCUSDT' } };
    expect(await problems({ ...VALID, strategies: [...VALID.strategies, second] })).toEqual(['strategies[2] targets BTCUSDT, as strategies[0] (mean_reversion_btc) does already']);
    await expect(loadConfiguration(await written({ ...VALID, strategies: [...VALID.strategies, { ...second, enabled: false }] }))).resolves.toBeDefined();
  });

  it('refuse one strategy named twice', async () => {
    const twice = { name: 'mean_reversion_btc', enabled: true, parameters: { symbol: 'SOLUSDT' } };
    expect(await problems({ ...VALID, strategies: [...VALID.strategies, twice] })).toEqual(['strategies[2] repeats the name "mean_reversion_btc" of strategies[0]']);
  });
});

describe('a wrong configuration', () => {
  it('is answered with everything that is wrong in it at once, each with field and fix', async () => {
    const error = await refusal({
      mod: 'live',
      trading: { max_position_size: 1, daily_loss_limit: 20, stop_los_percent: 2 },
      strategies: [{ name: 'sma_cross_et', enabled: true }, { name: 'breakout_sol', enabled: 'yes', parameters: { channel_perod: 3 } }],
    });
    expect(error.code).toBe(10002);
    expect(error.findings.map(({ field }) => field).sort()).toEqual(['mod', 'strategies[0]', 'strategies[1].enabled', 'strategies[1].parameters.channel_perod', 'trading.daily_loss_limit', 'trading.stop_los_percent']);
    expect(error.message).toContain('did you mean "stop_loss_percent"?');
    expect(error.message).toContain('did you mean "sma_cross_eth"');
    expect(error.message).toContain('did you mean "channel_period"?');
    for (const { fix } of error.findings) expect(fix).not.toBe('');
  });

  it('of strategies alone is a strategy that cannot be initialised (10008)', async () => {
    const error = await refusal({ ...VALID, strategies: [{ name: 'sma_cross_eth', enabled: true, parameters: { sma_fast: 30, sma_slow: 20 } }] });
    expect(error.code).toBe(10008);
    expect(error.message).toContain('strategies[0].parameters');
  });

  it('names every known setting when a wrong one resembles none', async () => {
    expect(await problems(trading({ zzzzzzzzzzzzzz: 1 }))).toEqual([expect.stringMatching(/^trading\.zzzzzzzzzzzzzz is not a known setting; known names here: max_position_size, position_size_unit,/)]);
  });

  it.each([
    ['null', 'has a wrong value'],
    ['[]', 'has a wrong value'],
    ['{"trading": [], "strategies": {}}', 'trading has a wrong value'],
  ])('may be any JSON: %s', async (content, problem) => {
    expect((await problems(content))[0]).toBe(problem);
  });

  it('is placed by line and column when it is no JSON', async () => {
    const error = await refusal('{\n  "mode": "paper",\n  "trading": {"max_positions": 3,}\n}');
    expect(error.code).toBe(10002);
    expect(error.message).toContain('line 3, column 34: expected a key in double quotes but found "}"');
    expect(error.fix).toBe('correct line 3, column 34');
  });

  it('that does not exist is 10001 and names the path', async () => {
    const error = await loadConfiguration(join(directory, 'absent.json')).catch((cause: unknown) => cause as ConfigurationError);
    expect(error).toMatchObject({ code: 10001, fix: 'check the path, or start from config/default.json' });
    expect((error as ConfigurationError).message).toContain('absent.json: the file does not exist');
  });

  it('that is a folder is 10001, too', async () => {
    await expect(loadConfiguration(directory)).rejects.toMatchObject({ code: 10001, message: expect.stringContaining('EISDIR') as string });
  });
});
