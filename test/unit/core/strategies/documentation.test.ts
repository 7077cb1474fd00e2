import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadStrategy } from '../../../../config/strategy-loader.js';
import { configureStrategy } from '../../../../core/strategies/configured-strategy.js';
import { BUILT_IN_STRATEGIES } from '../../../../core/strategies/registry.js';
import { candlesClosing } from '../samples.js';

const page = await readFile(new URL('../../../../docs/STRATEGIES.md', import.meta.url), 'utf8');

it('the example in docs/STRATEGIES.md works as it stands', async () => {
  const example = /```js\n([\s\S]+?)```/.exec(page)?.[1] ?? '';
  const folder = await mkdtemp(join(tmpdir(), 'strategy-example-'));
  try {
    await writeFile(join(folder, 'my_strategy.js'), example);
    const strategy = configureStrategy(await loadStrategy('my_strategy', folder), { symbol: 'XRPUSDT' });
    const falling = candlesClosing(Array.from({ length: strategy.warmUp }, (_, index) => 1000 - index), { symbol: 'XRPUSDT', interval: '60' });
    expect(strategy.evaluate(falling, undefined)).toMatchObject({ kind: 'enter', side: 'Buy', stopLossPercent: '2' });
  } finally {
    await rm(folder, { recursive: true });
  }
});

it.each(BUILT_IN_STRATEGIES.map((strategy) => [strategy.name, configureStrategy(strategy, {})] as const))(
  'docs/STRATEGIES.md names every parameter of %s with its default',
  (name, strategy) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? '';
    for (const [parameter, value] of Object.entries(strategy.parameters)) expect(row).toContain(`\`${parameter}\` (${String(value)})`);
  },
);
