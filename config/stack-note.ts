/** The note that the one-command stack leaves in its data directory, read as if its contents stood in the environment. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const STACK_NOTE_FILE = 'stack-note.json';

const noteSchema = z.object({
  mode: z.string(),
  configPath: z.string(),
  /** of a simulated exchange */
  exchange: z.object({ rest: z.string(), websocket: z.string() }).optional(),
  /** of the simulated account's keys */
  keysFile: z.string().optional(),
});
export type StackNote = z.output<typeof noteSchema>;

const keysSchema = z.object({ key: z.string(), secret: z.string() });

/** Empty when there is no note, or none that can be read: an emergency then needs the real environment. */
export function environmentOfStack(dataDir: string): Record<string, string> {
  const note = noteSchema.safeParse(jsonOf(join(dataDir, STACK_NOTE_FILE)));
  if (!note.success) return {};
  const { mode, configPath, exchange, keysFile } = note.data;
  const keys = keysSchema.safeParse(keysFile === undefined ? undefined : jsonOf(keysFile));
  return {
    BOT_MODE: mode, BOT_CONFIG: configPath,
    ...(exchange === undefined ? {} : { BYBIT_REST_URL: exchange.rest, BYBIT_WS_URL: exchange.websocket }),
    ...(keys.success ? { BYBIT_API_KEY: keys.data.key, BYBIT_API_SECRET: keys.data.secret } : {}),
  };
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}
