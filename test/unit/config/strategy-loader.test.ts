import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadStrategy } from '../../../config/strategy-loader.js';
import { configureStrategy } from '../../../core/strategies/configured-strategy.js';
import { meanReversionBtc } from '../../../core/strategies/mean-reversion-btc.js';
import { candlesClosing, d } from '../core/samples.js';

const EXAMPLES = fileURLToPath(new URL('../../fixtures/strategies', import.meta.url));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strategies-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A strategy file that is right but for what is replaced. */
async function dropFile(name: string, replaced: Record<string, string> = {}): Promise<void> {
  const parts: Record<string, string> = {
    name: `'${name}'`, description: "'for a test'", parametersSchema: 'z.strictObject({})', symbol: "() => 'BTCUSDT'", interval: "() => '15'",
    warmUp: '() => 1', evaluate: "() => ({ kind: 'hold', conditions: [] })", ...replaced,
  };
  const body = Object.entries(parts).map(([key, value]) => `${key}: ${value}`).join(', ');
  await writeFile(join(folder, `${name}.js`), `export const strategy = ({ z }) => ({ ${body} });\n`);
}

const refusal = (says: RegExp): unknown => expect.objectContaining({ code: 10008, message: expect.stringMatching(says) });

describe('a strategy of the user\'s own', () => {
  it('is found by the name of its file, takes its parameters and trades', async () => {
    const strategy = configureStrategy(await loadStrategy('example_momentum', EXAMPLES), { symbol: 'XRPUSDT', stop_loss: 1.5 });
    expect(strategy).toMatchObject({ symbol: 'XRPUSDT', interval: '60', warmUp: 200 });
    const rising = candlesClosing(Array.from({ length: 200 }, (_, index) => 100 + index / 2), { symbol: 'XRPUSDT', interval: '60' });
    expect(strategy.evaluate(rising, undefined)).toMatchObject({ kind: 'enter', side: 'Buy', referencePrice: '199.5', stopLossPercent: '1.5' });
    expect(strategy.evaluate(rising, { tradeId: 't', side: 'Sell', entryPrice: d('100'), decidedMs: 0 })).toMatchObject({ kind: 'exit' });
  });

  it('may also be an object that needs no tools', async () => {
    const schema = '{ safeParse: (data) => ({ success: true, data }) }';
    const file = `export const strategy = { name: 'plain', description: 'x', parametersSchema: ${schema}, symbol: () => 'BTCUSDT', interval: () => '15', warmUp: () => 1, evaluate: () => ({ kind: 'hold', conditions: [] }) };`;
    await writeFile(join(folder, 'plain.mjs'), file);
    expect((await loadStrategy('plain', folder)).name).toBe('plain');
  });

  it('cannot take over a built-in name', async () => {
    await dropFile('mean_reversion_btc');
    expect(await loadStrategy('mean_reversion_btc', folder)).toBe(meanReversionBtc);
  });

  it('is not executed unless the configuration names it', async () => {
    await writeFile(join(folder, 'broken.js'), 'this is no JavaScript');
    await dropFile('good');
    expect((await loadStrategy('good', folder)).name).toBe('good');
  });
});

describe('error 10008 says what to do', () => {
  it('for an unknown name: the nearest known ones', async () => {
    await dropFile('my_own');
    await expect(loadStrategy('mean_revesion_btc', folder)).rejects.toEqual(refusal(/did you mean "mean_reversion_btc".*my_own/));
    await expect(loadStrategy('zzz', join(folder, 'nowhere'))).rejects.toEqual(refusal(/"zzz" is no known strategy\. Known: mean_reversion_btc, sma_cross_eth, breakout_sol/));
  });

  it('for a file that cannot be loaded, or exports no strategy: the file', async () => {
    await writeFile(join(folder, 'broken.js'), 'export const strategy = {{');
    await expect(loadStrategy('broken', folder)).rejects.toEqual(refusal(/broken\.js: cannot be loaded/));
    await writeFile(join(folder, 'empty.js'), 'export const tactics = 1;');
    await expect(loadStrategy('empty', folder)).rejects.toEqual(refusal(/empty\.js: exports no `strategy`/));
    await writeFile(join(folder, 'throws.js'), "export const strategy = () => { throw new Error('no idea'); };");
    await expect(loadStrategy('throws', folder)).rejects.toEqual(refusal(/throws\.js: making the strategy failed: no idea/));
  });

  it('for a wrong shape: every part that is wrong', async () => {
    await dropFile('half', { evaluate: '1', parametersSchema: '{}' });
    await expect(loadStrategy('half', folder)).rejects.toEqual(refusal(/parametersSchema: must be a zod schema; evaluate: must be a function/));
  });

  it('for a name that is not the file\'s: both', async () => {
    await dropFile('one', { name: "'two'" });
    await expect(loadStrategy('one', folder)).rejects.toEqual(refusal(/calls itself "two", not "one"/));
  });

  it.each([
    ['interval', "() => '7'", /interval\(\) returned 7/],
    ['warmUp', '() => 5000', /warmUp\(\) returned 5000/],
    ['symbol', '() => undefined', /symbol\(\) returned undefined/],
  ])('for an unusable %s', async (part, code, says) => {
    await dropFile('odd', { [part]: code });
    const strategy = await loadStrategy('odd', folder);
    expect(() => configureStrategy(strategy, {})).toThrow(refusal(says));
  });

  it.each([
    ['() => { throw new Error("division by nothing") }', /evaluate failed: division by nothing/],
    ["() => ({ kind: 'buy' })", /evaluate returned no usable signal/],
    ["() => ({ kind: 'enter', side: 'Buy', referencePrice: 'NaN', conditions: [] })", /referencePrice: must be a decimal number above zero as text, not "NaN"/],
    ["() => ({ kind: 'enter', side: 'Buy', referencePrice: '1', stopLossPercent: '-2', conditions: [] })", /stopLossPercent/],
  ])('for an evaluation %s', async (code, says) => {
    await dropFile('wild', { evaluate: code });
    const strategy = configureStrategy(await loadStrategy('wild', folder), {});
    expect(() => strategy.evaluate(candlesClosing([1]), undefined)).toThrow(refusal(says));
  });
});
