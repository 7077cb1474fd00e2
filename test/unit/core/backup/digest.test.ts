import { describe, expect, it } from 'vitest';
import { compareDigests, type DatabaseDigest } from '../../../../core/backup/digest.js';

const SCHEMA = 'a'.repeat(64);
const whole: DatabaseDigest = {
  tables: [{ table: 'public.a', rows: '2', sum: '-17' }, { table: 'public.b', rows: '0', sum: '0' }],
  sequences: [{ sequence: 'public.s', before: '5', after: '9' }, { sequence: 'public.never', before: null, after: null }],
  schema: SCHEMA,
};
const restored = (sequence: string | null): DatabaseDigest => ({ ...whole, sequences: [{ sequence: 'public.s', before: sequence, after: sequence }, { sequence: 'public.never', before: null, after: null }] });

describe('comparing digests', () => {
  it.each(['5', '7', '9'])('takes a sequence at %s for one that counted from 5 to 9 while it was dumped', (value) => {
    expect(compareDigests(whole, restored(value))).toEqual([]);
  });

  it.each(['4', '10', null])('does not take a sequence at %s for one that stood between 5 and 9', (value) => {
    expect(compareDigests(whole, restored(value))).toEqual([`sequence public.s stands at ${value ?? 'its start'} instead of 5 to 9`]);
  });

  it('says of each table how it differs', () => {
    const found: DatabaseDigest = { ...restored('7'), schema: 'b'.repeat(64), tables: [{ table: 'public.a', rows: '2', sum: '-18' }, { table: 'public.c', rows: '1', sum: '1' }] };
    expect(compareDigests(whole, found)).toEqual([
      'table public.a has 2 rows, as many as it should, with other content', 'table public.b is missing', 'table public.c was not there', 'the schema (columns, constraints, indexes) is not the same',
    ]);
    expect(compareDigests(whole, { ...restored('7'), tables: [{ table: 'public.a', rows: '1', sum: '-17' }, { table: 'public.b', rows: '0', sum: '0' }] })).toEqual(['table public.a has 1 rows instead of 2']);
  });
});
