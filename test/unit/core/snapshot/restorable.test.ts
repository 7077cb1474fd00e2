import { describe, expect, it } from 'vitest';
import { initialRiskState } from '../../../../core/risk/risk-state.js';
import { readSnapshot } from '../../../../core/snapshot/restorable.js';

const memory = { lifecycle: 'paused', reason: 'lunch (ann)', pausedBy: 'operator', risk: initialRiskState(), overrides: { trend: false }, releasedHaltId: null };
const document = { format: 'trading-bot-state', version: 1, taken_at: '2026-01-05T01:00:00.000Z', mode: 'paper', configuration_hash: null, internal_state: memory, bot_memory: null };

describe('a snapshot that is to be put back', () => {
  it('is read from the state of the workflow, and from the memory in the ledger when that is missing', () => {
    const expected = { takenAt: document.taken_at, mode: 'paper', state: { lifecycle: 'paused', reason: 'lunch (ann)', overrides: { trend: false } } };
    expect(readSnapshot(JSON.stringify(document))).toMatchObject(expected);
    expect(readSnapshot(JSON.stringify({ ...document, internal_state: null, bot_memory: memory }))).toMatchObject(expected);
  });

  it.each([
    ['no JSON', 'nonsense', 'no JSON'],
    ['another version', JSON.stringify({ ...document, version: 2 }), 'version'],
    ['without the bot', JSON.stringify({ ...document, internal_state: null }), 'neither internal_state nor bot_memory'],
    ['an amount that is a number', JSON.stringify({ ...document, internal_state: { ...memory, risk: { ...memory.risk, peakEquity: 5 } } }), 'risk.peakEquity'],
  ])('is not read when it is %s', (_what, text, problem) => {
    expect(readSnapshot(text)).toEqual({ problem: expect.stringContaining(problem) as string });
  });
});
