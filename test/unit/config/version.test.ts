import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configurationOf, loadConfiguration, type Configuration } from '../../../config/load.js';
import { configurationVersionState } from '../../../core/ports/configuration.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'versions-'));
  await mkdir(join(folder, 'strategies'));
});
afterEach(() => rm(folder, { recursive: true }));

const SPARSE = { trading: { max_position_size: 10, daily_loss_limit: 5 }, strategies: [{ name: 'mean_reversion_btc', enabled: true }] };

async function loaded(document: unknown): Promise<Configuration> {
  const path = join(folder, 'config.json');
  await writeFile(path, typeof document === 'string' ? document : JSON.stringify(document));
  return loadConfiguration(path);
}

/** A strategy of the user's own that holds, and says which edition of its file it comes from. */
async function dropStrategy(edition: string, schema = 'z.strictObject({ patience: z.number().default(1) })'): Promise<void> {
  await writeFile(join(folder, 'strategies', 'mine.js'), `export const strategy = ({ z }) => ({
    name: 'mine', description: 'holds', parametersSchema: ${schema}, symbol: () => 'XRPUSDT', interval: () => '60', warmUp: () => 1,
    evaluate: () => ({ kind: 'hold', conditions: [{ name: '${edition}', value: '', wanted: '', met: false }] }),
  });`);
}

const WITH_MINE = { ...SPARSE, strategies: [...SPARSE.strategies, { name: 'mine', enabled: true }] };
const editionOf = ({ strategies }: Configuration): unknown => strategies[1]?.evaluate([], undefined).conditions[0]?.name;

describe('the version of a configuration', () => {
  it('is the file with every default filled in, as the file would say it', async () => {
    const { version: { document, hash, strategyFiles } } = await loaded(SPARSE);
    expect(document).toMatchObject({
      mode: 'paper', trading: { max_position_size: 10, stop_loss_percent: 2, max_positions: 3 }, exchange: { taker_fee_rate: 0.00055 },
      strategies: [{ name: 'mean_reversion_btc', enabled: true, parameters: { symbol: 'BTCUSDT', rsi_period: 14 } }],
    });
    expect(strategyFiles).toEqual({});
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(configurationVersionState(hash)).toBe(`configuration:${hash}`);
  });

  it('is the same for another order of keys, another layout, and defaults that are written down', async () => {
    const { version } = await loaded(SPARSE);
    const shuffled = '{"strategies": [{"enabled": true, "name": "mean_reversion_btc", "parameters": {"rsi_period": 14}}],\n\n "trading": {"daily_loss_limit": 5.0, "leverage": 2, "max_position_size": 1e1}}';
    expect((await loaded(shuffled)).version).toEqual(version);
  });

  it.each([
    ['a limit', { ...SPARSE, trading: { ...SPARSE.trading, max_positions: 4 } }],
    ['a parameter', { ...SPARSE, strategies: [{ name: 'mean_reversion_btc', enabled: true, parameters: { rsi_period: 15 } }] }],
    ['another strategy', WITH_MINE],
  ])('is another one for %s', async (_what, changed) => {
    await dropStrategy('first');
    const { version } = await loaded(SPARSE);
    expect((await loaded(changed)).version.hash).not.toBe(version.hash);
  });

  it('holds no setting of the API: those stay with its process', async () => {
    const { version, processSettings } = await loaded(SPARSE);
    expect(version.document).not.toHaveProperty('api');
    expect(processSettings).toHaveProperty('api');
  });

  it('reads again as what it was', async () => {
    await dropStrategy('first');
    const before = await loaded(WITH_MINE);
    const again = await configurationOf(before.version, before.path);
    expect(again.version).toEqual(before.version);
    expect(again.trading).toEqual(before.trading);
    expect(again.strategies.map(({ parameters }) => parameters)).toEqual(before.strategies.map(({ parameters }) => parameters));
  });

  it('keeps parameters as they are written where a schema does not take its own result', async () => {
    await dropStrategy('first', 'z.strictObject({ patience: z.string().transform(Number).default(1) })');
    const written = { ...SPARSE, strategies: [...SPARSE.strategies, { name: 'mine', enabled: true, parameters: { patience: '3' } }] };
    const before = await loaded(written);
    expect(before.strategies[1]?.parameters).toEqual({ patience: 3 });
    expect((await configurationOf(before.version, before.path)).version).toEqual(before.version);
  });
});

describe('a strategy of the user\'s own', () => {
  it('is another version when its file changed, and is executed as it stands now', async () => {
    await dropStrategy('first');
    const first = await loaded(WITH_MINE);
    await dropStrategy('second');
    const second = await loaded(WITH_MINE);
    expect([editionOf(first), editionOf(second)]).toEqual(['first', 'second']);
    expect(second.version.hash).not.toBe(first.version.hash);
    expect(second.version.strategyFiles['mine']).toMatchObject({ symbol: 'XRPUSDT', interval: '60' });
  });

  it('is not executed in place of the one that was accepted: its evaluation says what to do, the others go on', async () => {
    await dropStrategy('first');
    const { version, path } = await loaded(WITH_MINE);
    await dropStrategy('second');
    const again = await configurationOf(version, path);
    expect(again.strategies.map(({ name, symbol }) => `${name} ${symbol}`)).toEqual(['mean_reversion_btc BTCUSDT', 'mine XRPUSDT']);
    expect(() => editionOf(again)).toThrow(expect.objectContaining({ code: 10008, message: 'the file of mine has changed since it was accepted' }) as Error);
    await rm(join(folder, 'strategies', 'mine.js'));
    const gone = await configurationOf(version, path);
    expect(() => editionOf(gone)).toThrow(expect.objectContaining({ code: 10008 }) as Error);
  });
});
