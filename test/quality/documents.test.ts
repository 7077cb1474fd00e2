/** What the documents say about options and configuration is what the code does. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../config/load.js';
import { tradingSchema } from '../../config/schema.js';
import { OPTION_TABLE } from '../../embedded/option-table.js';

const inRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const readme = await readFile(inRoot('README.md'), 'utf8');

describe('the README', () => {
  it('lists every option of npm start with its variable and default, in the order of --help', () => {
    const rows = [...readme.matchAll(/^\| `(--[\w-]+)` \| `(\w+)` \| (?:`([^`]*)`)? ?\|/gm)].map(([, flag, variable, fallback]) => ({ flag, variable, fallback }));
    expect(rows).toEqual(OPTION_TABLE.map(({ flag, variable, fallback }) => ({ flag, variable, fallback })));
  });

  it('names no trading limit that the configuration does not know', () => {
    const section = /^## Configuration$([\s\S]*?)^## /m.exec(readme)?.[1] ?? '';
    const named = [...section.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map((match) => match[1]);
    expect(named).not.toEqual([]);
    expect(Object.keys(tradingSchema.shape)).toEqual(expect.arrayContaining(named));
  });
});

describe('the default configuration', () => {
  it('is valid and trades on paper with three strategies', async () => {
    const { mode, strategies } = await loadConfiguration(inRoot('config/default.json'));
    expect(mode).toBe('paper');
    expect(strategies.filter(({ enabled }) => enabled).map(({ name }) => name)).toEqual(['mean_reversion_btc', 'sma_cross_eth', 'breakout_sol']);
  });
});
