/** The catalogue of formulas, the figures that name them, and the page that prints them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { accountPerformance } from '../../../../core/analytics/account-performance.js';
import { DAY_FORMULAS, formulasOf, GROUP_FORMULAS } from '../../../../core/analytics/formulas.js';
import { freqtradePerformance } from '../../../../core/analytics/freqtrade-performance.js';
import { textbookPerformance } from '../../../../core/analytics/textbook-performance.js';
import { DAY_MS, DAY_ONE, trade, usdt } from './trades.js';

const page = readFileSync(fileURLToPath(new URL('../../../../docs/ANALYTICS.md', import.meta.url)), 'utf8');
/** cells of the rows that name a figure; a bar within a cell is escaped in the page */
const rows = page.split('\n').filter((line) => line.startsWith('| `')).map((line) => line.slice(2, -2).split(' | ').map((cell) => cell.replaceAll('\\|', '|')));
const rowOf = (name: string): string[] => rows.find(([first]) => first === `\`${name}\``) ?? [];

describe('the catalogue of formulas', () => {
  it.each(['textbook', 'freqtrade'] as const)('has exactly the figures that %s gives', (definition) => {
    const input = { trades: [trade(1, 2)], openingEquity: usdt(100), startMs: DAY_ONE, endMs: DAY_ONE + DAY_MS, unrealisedPnl: null };
    const judged = { textbook: textbookPerformance, freqtrade: freqtradePerformance }[definition](input);
    const names = [...Object.values(judged.figures), ...Object.values(accountPerformance(definition, []).figures)].map(({ formula }) => formula);
    expect([...formulasOf(definition).keys()].sort()).toEqual(names.sort());
  });

  it('is what docs/ANALYTICS.md prints, word by word', () => {
    const differing = [...formulasOf('textbook')].flatMap(([name, { unit, expression }]) => {
      const figure = name.slice('textbook.'.length);
      const wanted = [`\`${figure}\``, unit, expression, formulasOf('freqtrade').get(`freqtrade.${figure}`)?.expression];
      return JSON.stringify(rowOf(figure)) === JSON.stringify(wanted) ? [] : [wanted];
    });
    expect(differing).toEqual([]);
    for (const [name, { unit, expression }] of [...DAY_FORMULAS, ...GROUP_FORMULAS]) expect(rowOf(name)).toEqual([`\`${name}\``, unit, expression]);
  });
});
