import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianSeconds, PLAN_AGE_MS_MAX, planIdFrom, planOf, planSubject, readPlanId, refusalsOf, type RunbookPlan } from '../../../../core/runbooks/plan.js';
import { SAVE_STATE } from '../../../../core/runbooks/save-state.js';

const DIGEST = 'a'.repeat(64);
const OTHER_DIGEST = 'b'.repeat(64);
const NOW_MS = Date.UTC(2026, 3, 6);
const idOf = (ageMs: number, digest = DIGEST): string => planIdFrom({ asOfMs: NOW_MS - ageMs, digest });
const aPlan = (changes: Partial<RunbookPlan> = {}): RunbookPlan => ({
  ...planOf(SAVE_STATE, { runbook: 'saveState', params: {}, planId: idOf(0), asOfMs: NOW_MS, targets: [], effects: [], warnings: [], refusals: [], estimatedSeconds: null }),
  destructive: true, ...changes,
});

describe('the id of a plan', () => {
  it('tells when it was made and of what', () => {
    expect(readPlanId(idOf(1_234))).toEqual({ asOfMs: NOW_MS - 1_234, digest: DIGEST });
  });

  it.each(['', 'plan', DIGEST, `-${DIGEST}`, `x y-${DIGEST}`, `${idOf(0)}0`])('is not "%s"', (text) => {
    expect(readPlanId(text)).toBeUndefined();
  });

  it('is made of a text that does not depend on the order of fields', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (found) => {
      const turned = Object.fromEntries(Object.entries(found).reverse());
      const subject = (value: typeof found): string => planSubject({ runbook: 'saveState', params: {}, found: value as never });
      expect(subject(turned)).toBe(subject(found));
    }));
  });

  it('differs when anything that was found differs', () => {
    const subject = (found: Record<string, string[]>): string => planSubject({ runbook: 'saveState', params: {}, found });
    expect(subject({ missing: ['bot'] })).not.toBe(subject({ missing: ['wallet'] }));
    expect(subject({ missing: ['a', 'b'] })).not.toBe(subject({ missing: ['b', 'a'] }));
  });
});

describe('a destructive runbook', () => {
  it('runs with the id of a young plan that is still true, and a reason', () => {
    expect(refusalsOf(aPlan(), { planId: idOf(60_000), reason: 'because' })).toEqual([]);
    expect(refusalsOf(aPlan(), { planId: idOf(PLAN_AGE_MS_MAX), reason: 'because' })).toEqual([]);
  });

  it.each([
    { lacks: 'a reason', given: { planId: idOf(0), reason: ' ' }, says: 'a reason is needed' },
    { lacks: 'a plan', given: { planId: null, reason: 'because' }, says: 'the plan has to be looked at first' },
    { lacks: 'the id of a plan', given: { planId: 'yes', reason: 'because' }, says: 'not the id of a plan' },
    { lacks: 'a plan that is still true', given: { planId: idOf(0, OTHER_DIGEST), reason: 'because' }, says: 'the world has changed' },
    { lacks: 'a young plan', given: { planId: idOf(PLAN_AGE_MS_MAX + 1), reason: 'because' }, says: 'that plan is 10 minutes old' },
  ])('is refused without $lacks', ({ given, says }) => {
    expect(refusalsOf(aPlan(), given)).toEqual([expect.stringContaining(says)]);
  });

  it('is refused for what its plan refuses, however well it is confirmed', () => {
    expect(refusalsOf(aPlan({ refusals: ['no backup'] }), { planId: idOf(0), reason: 'because' })).toEqual(['no backup']);
  });
});

describe('any other runbook', () => {
  it('needs no confirmation, but a plan without refusals', () => {
    expect(refusalsOf(aPlan({ destructive: false }), { planId: null, reason: '' })).toEqual([]);
    expect(refusalsOf(aPlan({ destructive: false, refusals: ['no'] }), { planId: null, reason: '' })).toEqual(['no']);
  });
});

describe('the usual duration', () => {
  it('is the median, and nothing before the first run', () => {
    expect(medianSeconds([])).toBeNull();
    expect(medianSeconds([9_000, 1_000, 2_000])).toBe(2);
    expect(medianSeconds([1_000, 2_000])).toBe(1.5);
  });
});
