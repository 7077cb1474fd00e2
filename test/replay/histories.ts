/** The recorded workflow histories: which there are, where they lie, how they are read and written. */
import { readFileSync, writeFileSync } from 'node:fs';
import proto, { type temporal } from '@temporalio/proto';

export const RECORDED = [
  'bot-first-run', 'bot-after-continue-as-new', 'trade-ended-by-stop', 'trade-ended-by-signal', 'feed-lease',
  'restart-completed', 'restart-cancelled', 'save-state-without-ledger', 'run-record-kept', 'runbook-plan', 'runbook-desk',
  'trade-history-recovered', 'balance-reconciled', 'database-troubleshooting',
  'database-recovered', 'database-recovery-failed', 'state-restored',
  'emergency-closed', 'emergency-without-ledger', 'emergency-record-kept', 'emergency-released',
  'backup-completed', 'backup-cancelled', 'backup-verified', 'backups-pruned',
] as const;
export type RecordedName = (typeof RECORDED)[number];

const { History } = proto.temporal.api.history.v1;
type History = temporal.api.history.v1.IHistory;

/** A history as JSON; what replay reads of it is left to the SDK. */
export interface RecordedHistory {
  events: { eventType: string; [attributes: string]: unknown }[];
}

const fileOf = (name: RecordedName): URL => new URL(`./histories/${name}.json`, import.meta.url);

export function readHistory(name: RecordedName): RecordedHistory {
  return JSON.parse(readFileSync(fileOf(name), 'utf8')) as RecordedHistory;
}

/** One event a line, so that a change of a recording can be read. */
export function writeHistory(name: RecordedName, history: History): void {
  const { events } = History.toObject(History.create(history), { longs: String, enums: String, bytes: String }) as RecordedHistory;
  writeFileSync(fileOf(name), `{"events":[\n${events.map((event) => JSON.stringify(event, withoutPlaces)).join(',\n')}\n]}\n`);
}

/** Where a failure came from says where the recording was made; a replay does not ask. */
function withoutPlaces(name: string, value: unknown): unknown {
  return name === 'stackTrace' ? '' : value;
}

export function historyFrom(recorded: RecordedHistory): History {
  return History.fromObject(recorded);
}
