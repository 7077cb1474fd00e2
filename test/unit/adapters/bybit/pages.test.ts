import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allPages, MAX_SPAN_MS, spansOf, uniqueBy } from '../../../../adapters/bybit/pages.js';
import { rejectionOf } from './exchange-under-test.js';

const SEED = Date.now();

describe('pages', () => {
  it('are read until the exchange names no next one', async () => {
    const asked: unknown[] = [];
    const pages = [{ list: [1, 2], nextPageCursor: 'a' }, { list: [3], nextPageCursor: 'b' }, { list: [4], nextPageCursor: '' }];
    const rows = await allPages('list', (paging) => { asked.push(paging); return Promise.resolve(pages[asked.length - 1] ?? { list: [], nextPageCursor: '' }); });
    expect(rows).toEqual([1, 2, 3, 4]);
    expect(asked).toEqual([{}, { cursor: 'a' }, { cursor: 'b' }]);
  });

  it('take a cursor back in plain text, because the client encodes it again', async () => {
    const asked: unknown[] = [];
    await allPages('list', (paging) => { asked.push(paging); return Promise.resolve({ list: [1], nextPageCursor: asked.length === 1 ? '1672%3A16%2C1' : '' }); });
    expect(asked[1]).toEqual({ cursor: '1672:16,1' });
  });

  it('keep a cursor that only looks encoded', async () => {
    const asked: unknown[] = [];
    await allPages('list', (paging) => { asked.push(paging); return Promise.resolve({ list: [1], nextPageCursor: asked.length === 1 ? '100%' : '' }); });
    expect(asked[1]).toEqual({ cursor: '100%' });
  });

  it('that never end are reported as incomplete, not cut off silently', async () => {
    expect((await rejectionOf(allPages('list', () => Promise.resolve({ list: [1], nextPageCursor: 'again' })))).code).toBe(40005);
  });

  it('that overlap give each row once', () => {
    expect(uniqueBy([{ id: 'a' }, { id: 'b' }, { id: 'a' }], (row) => row.id)).toHaveLength(2);
  });
});

describe('time spans', () => {
  it(`cover every millisecond once and are never longer than 7 days, seed ${SEED}`, () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2_000_000_000_000 }), fc.integer({ min: 0, max: 60 * 86_400_000 }), (fromMs, lengthMs) => {
      const spans = spansOf(fromMs, fromMs + lengthMs);
      expect(spans[0]?.startTime).toBe(fromMs);
      expect(spans.at(-1)?.endTime).toBe(fromMs + lengthMs);
      for (const [index, span] of spans.entries()) {
        expect(span.endTime - span.startTime).toBeLessThan(MAX_SPAN_MS);
        if (index > 0) expect(span.startTime).toBe((spans[index - 1]?.endTime ?? 0) + 1);
      }
    }), { seed: SEED, numRuns: 200 });
  });

  it('are none when the end lies before the start', () => {
    expect(spansOf(10, 9)).toEqual([]);
  });
});
