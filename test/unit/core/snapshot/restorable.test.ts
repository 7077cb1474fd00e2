import { describe, expect, it } from 'vitest';
import { initialRiskState } from '../../../../core/risk/risk-state.js';
import { readSnapshot } from '../../../../core/snapshot/restorable.js';

const MEMORY = { lifecycle: 'paused', reason: 'lunch (operator)', pausedBy: 'operator', risk: initialRiskState(), overrides: { sma_cross_eth: false }, releasedHaltId: null };
const DOCUMENT = { format: 'trading-bot-state', version: 1, taken_at: '2026-01-05T00:00:00.000Z', mode: 'paper', configuration_hash: 'abc', internal_state: MEMORY, bot_memory: { ...MEMORY, reason: 'older' } };
const read = (document: object) => readSnapshot(JSON.stringify(document));

describe('a saved state', () => {
  it('is read with what neither exchange nor ledger can give again; the workflow\'s own word goes before the ledger\'s copy', () => {
    expect(read(DOCUMENT)).toMatchObject({ takenAt: DOCUMENT.taken_at, mode: 'paper', configurationHash: 'abc', state: { lifecycle: 'paused', reason: 'lunch (operator)', overrides: { sma_cross_eth: false } } });
    expect(read({ ...DOCUMENT, internal_state: null })).toMatchObject({ state: { reason: 'older' } });
  });

  it('brings no exposures along: positions are asked of the exchange', () => {
    const exposed = { ...MEMORY, risk: { ...initialRiskState(), exposures: { t: { symbol: 'BTCUSDT' } } } };
    expect(read({ ...DOCUMENT, internal_state: exposed })).toMatchObject({ state: { risk: { exposures: {} } } });
  });

  it.each([
    { what: 'no JSON', text: '{', words: 'no JSON' },
    { what: 'of another version', text: JSON.stringify({ ...DOCUMENT, version: 2 }), words: 'version' },
    { what: 'another file', text: JSON.stringify({ format: 'manifest' }), words: 'format' },
    { what: 'without either memory', text: JSON.stringify({ ...DOCUMENT, internal_state: null, bot_memory: {} }), words: 'neither internal_state nor bot_memory' },
  ])('that is $what is refused with the reason', ({ text, words }) => {
    expect(readSnapshot(text)).toMatchObject({ problem: expect.stringContaining(words) as string });
  });
});
