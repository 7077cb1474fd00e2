/** Payloads in the shapes that Bybit documents and sends, kept as data. */
import { readFileSync } from 'node:fs';

export interface RecordedReply {
  result: { list: Record<string, unknown>[] };
  time: number;
}

export function recorded(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../fixtures/bybit/${name}.json`, import.meta.url), 'utf8'));
}

export function recordedReply(name: string): RecordedReply {
  return recorded(name) as RecordedReply;
}
