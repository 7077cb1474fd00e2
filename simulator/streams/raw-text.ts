/** The text of a frame, in whichever of its three shapes `ws` hands it over. */
import type { RawData } from 'ws';

export function rawText(data: RawData): string {
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data as Buffer).toString('utf8');
}
