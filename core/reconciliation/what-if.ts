/**
 * Which movements of the balance could explain a difference that somebody has seen: one that is missing or counted twice, two that
 * are, or all of an outage. Nothing is known of the cause; every answer adds up to the difference exactly.
 */
import { ZERO, dec, type Decimal, type DecimalString } from '../money/decimal.js';

export interface BalanceMovement {
  id: string;
  /** plain words: what it was */
  what: string;
  /** USDT, above zero was received */
  change: DecimalString;
  atMs: number;
}

export interface Candidate {
  /** one: a single movement is missing · twice: a single one is counted twice · two: both are missing · row: all from the first to the last are missing */
  kind: 'one' | 'twice' | 'two' | 'row';
  /** of a row the first and the last */
  movements: BalanceMovement[];
  /** how many movements it stands for */
  count: number;
}

/** A list that a person still reads. */
const CANDIDATES_MAX = 20;
/** Pairs are looked for among the newest. */
const PAIRED_MAX = 5_000;

/** `difference`: exchange − database, USDT. `movements` ascending by time. The likeliest first. */
export function candidatesFor(difference: DecimalString, movements: readonly BalanceMovement[]): Candidate[] {
  const wanted = dec(difference);
  if (wanted.isZero()) return [];
  const moving = movements.filter(({ change }) => !dec(change).isZero());
  return [...singles(wanted, moving), ...rows(wanted, moving), ...pairs(wanted, moving.slice(-PAIRED_MAX))].slice(0, CANDIDATES_MAX);
}

function singles(wanted: Decimal, movements: readonly BalanceMovement[]): Candidate[] {
  const one = movements.filter(({ change }) => dec(change).eq(wanted)).map((movement): Candidate => ({ kind: 'one', movements: [movement], count: 1 }));
  const twice = movements.filter(({ change }) => dec(change).negated().eq(wanted)).map((movement): Candidate => ({ kind: 'twice', movements: [movement], count: 1 }));
  return [...one, ...twice];
}

/** By sums from the beginning: a row is what lies between two of them. The shortest first, of two movements or more. */
function rows(wanted: Decimal, movements: readonly BalanceMovement[]): Candidate[] {
  const found: Candidate[] = [];
  const latest = new Map<string, number>([['0', 0]]);
  let total = ZERO;
  movements.forEach((movement, index) => {
    total = total.plus(dec(movement.change));
    const start = latest.get(total.minus(wanted).toFixed());
    const first = start === undefined ? undefined : movements[start];
    if (start !== undefined && first !== undefined && index > start) found.push({ kind: 'row', movements: [first, movement], count: index - start + 1 });
    latest.set(total.toFixed(), index + 1);
  });
  return found.sort((a, b) => a.count - b.count);
}

/** Two that follow each other are a row already. */
function pairs(wanted: Decimal, movements: readonly BalanceMovement[]): Candidate[] {
  const found: Candidate[] = [];
  const seen = new Map<string, number>();
  movements.forEach((movement, index) => {
    const other = seen.get(wanted.minus(dec(movement.change)).toFixed());
    const first = other === undefined ? undefined : movements[other];
    if (other !== undefined && first !== undefined && index - other > 1) found.push({ kind: 'two', movements: [first, movement], count: 2 });
    seen.set(dec(movement.change).toFixed(), index);
  });
  return found;
}
