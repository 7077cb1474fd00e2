/**
 * The exchange as one object: engine, journal and the market clock's state. Everything that changes the account or the
 * market passes through `commit` or `submit`.
 *
 * Invariants
 * 1. A command's line is on disk before anybody hears of its effect.
 * 2. Market time never decreases.
 * 3. Listeners hear of batches in the order in which they were committed.
 */
import { BotError } from '../../core/errors/bot-error.js';
import type { ExchangeCommand, ExchangeEvent, Reply } from '../../core/matching/contract.js';
import type { Instrument } from '../../core/market/instrument.js';
import type { Journal } from '../journal/journal.js';
import type { ClockState } from './clock-state.js';
import type { Engine, EngineFactory } from './engine.js';

/** A command of a client; the exchange adds the market time. */
export type ClientCommand = WithoutTime<ExchangeCommand>;
type WithoutTime<Command> = Command extends unknown ? Omit<Command, 'atMs'> : never;

export interface ExchangeListener {
  /** `origin` says whether a client's command or the market caused the events */
  happened(events: readonly ExchangeEvent[], origin: 'client' | 'market'): void;
}

const NOT_STARTED: ClockState = { atMs: 0, candleMs: 0, point: 0, points: 0, lowFirst: {}, finished: false };

export class SimulatedExchange {
  readonly engine: Engine;
  private state: ClockState;
  private readonly listeners: ExchangeListener[] = [];
  private readonly instruments: Map<string, Instrument>;
  /** brings market time up to now before a client's command; set by the driver */
  catchUp: () => number = () => this.state.atMs;
  /** orders refused as duplicates (110072) since the account began */
  duplicateLinkIdRefusals: number;

  /** Restores what the journal holds. @param journal absent: nothing survives the process (tests, throw-away runs) */
  constructor(factory: EngineFactory, instruments: readonly Instrument[], private readonly journal: Journal | undefined) {
    const recovered = journal?.recovered;
    this.instruments = new Map(instruments.map((instrument) => [instrument.symbol, instrument]));
    this.engine = factory(recovered?.snapshot?.engine);
    this.duplicateLinkIdRefusals = recovered?.snapshot?.duplicateLinkIdRefusals ?? 0;
    this.state = recovered?.snapshot?.clock ?? NOT_STARTED;
    for (const entry of recovered?.tail ?? []) {
      for (const command of entry.commands) this.apply(command);
      this.state = entry.clock;
    }
  }

  hasStarted(): boolean {
    return this.state.atMs > 0;
  }

  clock(): ClockState {
    return this.state;
  }

  instrument(symbol: string): Instrument {
    const instrument = this.instruments.get(symbol);
    if (instrument === undefined) throw new BotError(20002, `The simulated exchange does not list ${symbol}`);
    return instrument;
  }

  listed(): Instrument[] {
    return [...this.instruments.values()];
  }

  isListed(symbol: string): boolean {
    return this.instruments.has(symbol);
  }

  listen(listener: ExchangeListener): void {
    this.listeners.push(listener);
  }

  /** A client's command at the present market instant. */
  submit(command: ClientCommand): Reply {
    const atMs = Math.max(this.catchUp(), this.state.atMs);
    const timed: ExchangeCommand = { ...command, atMs };
    const applied = this.apply(timed);
    this.record([timed], { ...this.state, atMs });
    this.tell(applied.events, 'client');
    return applied.reply;
  }

  /** The market's own batch. */
  commit(commands: ExchangeCommand[], clock: ClockState): void {
    const events = commands.flatMap((command) => this.apply(command).events);
    this.record(commands, clock);
    this.tell(events, 'market');
  }

  close(): void {
    if (this.journal === undefined) return;
    this.writeSnapshot(this.journal);
    this.journal.close();
  }

  private apply(command: ExchangeCommand): { reply: Reply; events: ExchangeEvent[] } {
    const applied = this.engine.apply(command);
    if (applied.reply.retCode === 110072) this.duplicateLinkIdRefusals += 1;
    return applied;
  }

  private record(commands: ExchangeCommand[], clock: ClockState): void {
    this.state = clock;
    if (this.journal === undefined) return;
    this.journal.append(commands, clock);
    if (this.journal.isSnapshotDue()) this.writeSnapshot(this.journal);
  }

  private writeSnapshot(journal: Journal): void {
    journal.writeSnapshot({ clock: this.state, engine: this.engine.serialise(), duplicateLinkIdRefusals: this.duplicateLinkIdRefusals });
  }

  private tell(events: readonly ExchangeEvent[], origin: 'client' | 'market'): void {
    for (const listener of this.listeners) listener.happened(events, origin);
  }
}
