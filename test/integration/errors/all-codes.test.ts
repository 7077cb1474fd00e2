/** No code of the catalogue is left without a condition that provokes it. */
import { expect, it } from 'vitest';
import { ERROR_CODES } from '../../../core/errors/catalogue.js';
import { DATA_PROVOCATIONS } from './data-provocations.js';
import { codesOf } from './provocation.js';
import { SYSTEM_PROVOCATIONS } from './system-provocations.js';
import { TRADING_PROVOCATIONS } from './trading-provocations.js';

const PROVOKED = new Set([...codesOf(SYSTEM_PROVOCATIONS), ...codesOf(TRADING_PROVOCATIONS), ...codesOf(DATA_PROVOCATIONS)]);

it.each(ERROR_CODES)('%i is provoked', (code) => {
  expect(PROVOKED).toContain(code);
});
