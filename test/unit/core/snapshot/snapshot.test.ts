import { describe, expect, it } from 'vitest';
import { buildSnapshot, SNAPSHOT_PARTS, snapshotText, type SnapshotInput, type SnapshotPart } from '../../../../core/snapshot/snapshot.js';
import { MONDAY_MS } from '../samples.js';

const known = Object.fromEntries(SNAPSHOT_PARTS.map((name) => [name, { kind: 'known', value: { of: name } }])) as Record<(typeof SNAPSHOT_PARTS)[number], SnapshotPart>;
const input: SnapshotInput = {
  kind: 'save', takenAtMs: MONDAY_MS, actor: 'operator', reason: 'before the update', mode: 'paper', market: 'synthetic', configurationHash: 'abc',
  decidedThrough: { beforeMs: MONDAY_MS, afterMs: MONDAY_MS }, parts: known,
};

describe('a snapshot', () => {
  it('holds every part under its name, with format, version and origin', () => {
    const document = buildSnapshot(input);
    expect(document).toMatchObject({ format: 'trading-bot-state', version: 1, taken_at: '2026-01-05T00:00:00.000Z', complete: true, consistent: true, missing: [], configuration_hash: 'abc', positions: { of: 'positions' } });
    expect(Object.keys(document)).toEqual(expect.arrayContaining([...SNAPSHOT_PARTS]));
  });

  it('names what is missing and why, and is not called complete', () => {
    const parts = { ...known, risk: { kind: 'missing' as const, because: 'the Temporal server is not reachable' } };
    expect(buildSnapshot({ ...input, parts })).toMatchObject({ complete: false, risk: null, missing: [{ part: 'risk', because: 'the Temporal server is not reachable' }] });
  });

  it.each([[MONDAY_MS, MONDAY_MS + 1, false], [null, MONDAY_MS, null], [MONDAY_MS, null, null]])('read between decisions through %s and %s has consistent = %s', (beforeMs, afterMs, consistent) => {
    expect(buildSnapshot({ ...input, decidedThrough: { beforeMs, afterMs } }).consistent).toBe(consistent);
  });

  it('is JSON that a person can read', () => {
    const text = snapshotText(buildSnapshot(input), (word) => word);
    expect(JSON.parse(text)).toMatchObject({ kind: 'save' });
    expect(text.split('\n').length).toBeGreaterThan(SNAPSHOT_PARTS.length);
  });

  it('holds no secret, however deep it lies', () => {
    const parts = { ...known, risk: { kind: 'known' as const, value: [{ reason: 'the key is hunter22' }] } };
    const text = snapshotText(buildSnapshot({ ...input, parts }), (word) => word.replaceAll('hunter22', '[redacted]'));
    expect(text).toContain('the key is [redacted]');
    expect(text).not.toContain('hunter22');
  });
});
