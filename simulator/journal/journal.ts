/**
 * The simulated exchange's own durability: every engine command is one line on disk before its reply leaves, and a
 * snapshot replaces the lines from time to time.
 *
 * Invariants
 * 1. `append` returns after the line is with the operating system: a kill -9 of this process loses no acknowledged command.
 * 2. One line is one atomic batch. A torn last line (killed while writing) was never acknowledged and is cut off.
 * 3. A snapshot takes the place of the old one by rename; lines it already contains are recognised by their number.
 */
import { appendFileSync, closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BotError } from '../../core/errors/bot-error.js';
import type { ExchangeCommand } from '../../core/matching/contract.js';
import type { ClockState } from '../exchange/clock-state.js';

/** What happened in one go: commands in order, and where the market clock stood afterwards. */
export interface JournalEntry {
  number: number;
  commands: ExchangeCommand[];
  clock: ClockState;
}

export interface Snapshot {
  /** number of the last entry it contains */
  number: number;
  clock: ClockState;
  /** the engine's own serialisation */
  engine: string;
  /** orders refused as duplicates so far */
  duplicateLinkIdRefusals: number;
}

export interface Recovered {
  snapshot: Snapshot | undefined;
  /** entries after the snapshot, in order */
  tail: JournalEntry[];
}

const SNAPSHOT_FILE = 'snapshot.json';
const JOURNAL_FILE = 'journal.ndjson';

export class Journal {
  private readonly fd: number;
  private last: number;
  private sinceSnapshot: number;
  readonly recovered: Recovered;

  /** Opens or creates the journal of a folder. Throws 40003 when what is there cannot be read as one. */
  constructor(private readonly directory: string, private readonly entriesPerSnapshot: number) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const snapshot = readSnapshot(directory);
    const path = join(directory, JOURNAL_FILE);
    const { entries, soundBytes } = readEntries(path);
    this.fd = openSync(path, 'a');
    ftruncateSync(this.fd, soundBytes);
    const tail = entries.filter((entry) => entry.number > (snapshot?.number ?? 0));
    this.recovered = { snapshot, tail };
    this.last = tail.at(-1)?.number ?? snapshot?.number ?? 0;
    this.sinceSnapshot = tail.length;
  }

  append(commands: ExchangeCommand[], clock: ClockState): void {
    this.last += 1;
    this.sinceSnapshot += 1;
    const entry: JournalEntry = { number: this.last, commands, clock };
    appendFileSync(this.fd, `${JSON.stringify(entry)}\n`);
  }

  isSnapshotDue(): boolean {
    return this.sinceSnapshot >= this.entriesPerSnapshot;
  }

  writeSnapshot(state: Omit<Snapshot, 'number'>): void {
    const path = join(this.directory, SNAPSHOT_FILE);
    const fd = openSync(`${path}.new`, 'w', 0o600);
    try {
      appendFileSync(fd, JSON.stringify({ number: this.last, ...state } satisfies Snapshot));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(`${path}.new`, path);
    ftruncateSync(this.fd, 0);
    this.sinceSnapshot = 0;
  }

  close(): void {
    closeSync(this.fd);
  }
}

function readSnapshot(directory: string): Snapshot | undefined {
  const path = join(directory, SNAPSHOT_FILE);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Snapshot;
  } catch (error) {
    throw new BotError(40003, `The simulator's snapshot ${SNAPSHOT_FILE} cannot be read`, {
      fix: 'Restore the state folder from a copy, or start the simulator on a new --state-dir', cause: error,
    });
  }
}

/** A line that does not end, or does not parse and is the last one, was being written when the process died. */
function readEntries(path: string): { entries: JournalEntry[]; soundBytes: number } {
  if (!existsSync(path)) writeFileSync(path, '', { mode: 0o600 });
  const entries: JournalEntry[] = [];
  const content = readFileSync(path);
  let start = 0;
  for (let end = content.indexOf(10); end !== -1; end = content.indexOf(10, start)) {
    const entry = parseEntry(content.toString('utf8', start, end));
    if (entry === undefined) {
      if (end === content.length - 1) break;
      throw new BotError(40003, `The simulator's journal is corrupt at byte ${start}`, { fix: 'Restore the state folder from a copy, or start the simulator on a new --state-dir' });
    }
    entries.push(entry);
    start = end + 1;
  }
  return { entries, soundBytes: start };
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    return JSON.parse(line) as JournalEntry;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
