/**
 * Where two lists of executions of one account differ, event by event, and what each difference does to balance and positions.
 *
 * Invariants
 * 1. The effects add up: ledger + Σ effects of all corrections = exchange, to the last decimal, for the balance and for each
 *    position. A correction's effect is measured by making it, after those before it in time.
 * 2. Facts are compared by execution id, never by what they resemble.
 */
import { ZERO, dec, toDecimalString, type Decimal, type DecimalString } from '../money/decimal.js';
import type { Execution } from '../orders/order.js';
import { applyFill, EMPTY_POSITION, type PositionBook } from '../portfolio/position.js';

/** missing: only the exchange has it · extra: only the ledger has it · altered: both have it, with other values */
export type CorrectionKind = 'missing' | 'extra' | 'altered';

/** What the ledger's list needs to become the exchange's. */
export interface Correction {
  kind: CorrectionKind;
  /** as the exchange has it; of an extra one as the ledger has it */
  execution: Execution;
  /** of an altered one: the fields that differ, with both values */
  fields: { name: string; ledger: string; exchange: string }[];
  /** USDT: what the balance changes by when it is made */
  walletEffect: DecimalString;
  /** base coin, signed: what positions change by; of an altered one that stood under another symbol two of them */
  sizeEffects: { symbol: string; change: DecimalString }[];
}

export interface Books {
  ledger: readonly Execution[];
  exchange: readonly Execution[];
  /** what both have alike before the first of these lists */
  settled: SettledBooks;
}

/** What the executions of a symbol came to. */
interface Settled {
  book: PositionBook;
  /** fees and funding, USDT */
  paid: Decimal;
}

/** By symbol. */
export type SettledBooks = ReadonlyMap<string, Settled>;

export function nothingSettled(): SettledBooks {
  return new Map();
}

/** What a position and its trading came to, since the first of the executions. */
export interface Standing {
  /** USDT: realised − fees − funding */
  wallet: Decimal;
  /** base coin, positive long */
  size: Decimal;
}

/** What changes money or position; the rest of an execution is for reading. */
const COMPARED = ['execType', 'symbol', 'side', 'price', 'qty', 'fee', 'feeRate', 'execMs'] as const satisfies (keyof Execution)[];

export function symbolsOf({ ledger, exchange, settled }: Books): string[] {
  return [...new Set([...settled.keys(), ...[...ledger, ...exchange].map(({ symbol }) => symbol)])].sort();
}

/** Of one symbol. */
export function standingOf(executions: readonly Execution[], symbol: string, settled: SettledBooks): Standing {
  return standing(fold(executions.filter((execution) => execution.symbol === symbol), settled.get(symbol)));
}

export function walletOf(executions: readonly Execution[], settled: SettledBooks): Decimal {
  return symbolsOf({ ledger: executions, exchange: [], settled }).reduce((sum: Decimal, symbol) => sum.plus(standingOf(executions, symbol, settled).wallet), ZERO);
}

/** `executions` come after everything that is settled. */
export function settledWith(settled: SettledBooks, executions: readonly Execution[]): SettledBooks {
  const symbols = symbolsOf({ ledger: executions, exchange: [], settled });
  return new Map(symbols.map((symbol) => [symbol, fold(executions.filter((execution) => execution.symbol === symbol), settled.get(symbol))]));
}

/** True when the two lists differ in nothing that changes money or position. */
export function agreeOn(books: Pick<Books, 'ledger' | 'exchange'>): boolean {
  return neededCorrections(books).length === 0;
}

/** In their order; at most `limit` are measured one by one, those after them together in `further`. */
export function correctionsOf(books: Books, limit: number): { corrections: Correction[]; further: { count: number; walletEffect: DecimalString } } {
  const needed = neededCorrections(books);
  const workbench = new Workbench(books, needed);
  const corrections = needed.slice(0, limit).map((correction) => workbench.make(correction));
  const rest = needed.slice(limit);
  return { corrections, further: { count: rest.length, walletEffect: workbench.makeAll(rest) } };
}

type Needed = Omit<Correction, 'walletEffect' | 'sizeEffects'>;

function neededCorrections({ ledger, exchange }: Pick<Books, 'ledger' | 'exchange'>): Needed[] {
  const recorded = new Map(ledger.map((execution) => [execution.execId, execution]));
  const known = new Set(exchange.map(({ execId }) => execId));
  const needed = exchange.flatMap((execution): Needed[] => {
    const row = recorded.get(execution.execId);
    if (row === undefined) return [{ kind: 'missing', execution, fields: [] }];
    const fields = COMPARED.filter((name) => row[name] !== execution[name]).map((name) => ({ name, ledger: String(row[name]), exchange: String(execution[name]) }));
    return fields.length === 0 ? [] : [{ kind: 'altered', execution, fields }];
  });
  const extra = ledger.filter(({ execId }) => !known.has(execId)).map((execution): Needed => ({ kind: 'extra', execution, fields: [] }));
  return [...needed, ...extra].sort((a, b) => inTime(a.execution, b.execution));
}

interface Tail {
  /** of everything before the first correction, where both lists agree */
  start: Settled;
  executions: Map<string, Execution>;
  standing: Standing;
}

/** The ledger's list, corrected step by step. What lies before the first correction is folded once. */
class Workbench {
  private readonly tails = new Map<string, Tail>();
  private readonly symbolOf: Map<string, string>;
  private readonly sinceMs: number;

  constructor(private readonly books: Books, needed: readonly Needed[]) {
    const { ledger } = books;
    const concerned = new Set(needed.map(({ execution }) => execution.execId));
    this.symbolOf = new Map(ledger.filter(({ execId }) => concerned.has(execId)).map(({ execId, symbol }) => [execId, symbol]));
    const instants = [...needed.map(({ execution }) => execution.execMs), ...ledger.filter(({ execId }) => concerned.has(execId)).map(({ execMs }) => execMs)];
    this.sinceMs = instants.reduce((first, ms) => Math.min(first, ms), Infinity);
  }

  make(correction: Needed): Correction {
    return { ...correction, ...this.measured([correction]) };
  }

  makeAll(corrections: readonly Needed[]): DecimalString {
    return this.measured(corrections).walletEffect;
  }

  /** An altered execution may stand under another symbol in the ledger, so both of its symbols are looked at. */
  private measured(corrections: readonly Needed[]): Pick<Correction, 'walletEffect' | 'sizeEffects'> {
    const symbols = [...new Set(corrections.flatMap(({ execution }) => [execution.symbol, this.symbolOf.get(execution.execId) ?? execution.symbol]))];
    const before = symbols.map((symbol) => this.tailOf(symbol).standing);
    for (const { kind, execution } of corrections) {
      this.tailOf(this.symbolOf.get(execution.execId) ?? execution.symbol).executions.delete(execution.execId);
      if (kind !== 'extra') this.tailOf(execution.symbol).executions.set(execution.execId, execution);
    }
    for (const symbol of symbols) this.fold(this.tailOf(symbol));
    const changes = symbols.map((symbol, index) => changeOf(symbol, before[index], this.tailOf(symbol).standing));
    return {
      walletEffect: toDecimalString(changes.reduce((sum: Decimal, { wallet }) => sum.plus(wallet), ZERO)),
      sizeEffects: changes.filter(({ size }) => !size.isZero()).map(({ symbol, size }) => ({ symbol, change: toDecimalString(size) })),
    };
  }

  private tailOf(symbol: string): Tail {
    const known = this.tails.get(symbol);
    if (known !== undefined) return known;
    const { ledger, settled } = this.books;
    const own = ledger.filter((execution) => execution.symbol === symbol);
    const tail: Tail = {
      start: fold(own.filter(({ execMs }) => execMs < this.sinceMs), settled.get(symbol)),
      executions: new Map(own.filter(({ execMs }) => execMs >= this.sinceMs).map((execution) => [execution.execId, execution])),
      standing: { wallet: ZERO, size: ZERO },
    };
    this.fold(tail);
    this.tails.set(symbol, tail);
    return tail;
  }

  private fold(tail: Tail): void {
    tail.standing = standing(fold([...tail.executions.values()], tail.start));
  }
}

function changeOf(symbol: string, before: Standing | undefined, after: Standing): Standing & { symbol: string } {
  return { symbol, wallet: after.wallet.minus(before?.wallet ?? ZERO), size: after.size.minus(before?.size ?? ZERO) };
}

/** Of one symbol, in their order. */
function fold(executions: readonly Execution[], { book, paid }: Settled = { book: EMPTY_POSITION, paid: ZERO }): Settled {
  return [...executions].sort(inTime).reduce((sofar: Settled, execution) => ({
    book: execution.execType === 'Funding' ? sofar.book : applyFill(sofar.book, execution).book,
    paid: sofar.paid.plus(dec(execution.fee)),
  }), { book, paid });
}

function standing({ book, paid }: Settled): Standing {
  return { wallet: dec(book.realisedPnl).minus(paid), size: dec(book.signedSize) };
}

function inTime(a: Execution, b: Execution): number {
  return a.execMs - b.execMs || a.seq - b.seq || (a.execId < b.execId ? -1 : 1);
}
