/**
 * What `npx bot emergency` has to know when the API is down: which exchange it is and where its keys are. A file of the data
 * directory, written before anything is started.
 *
 * Invariant: it holds no secret. Of the simulated account it names the file of the keys; other keys come from the environment.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STACK_NOTE_FILE, type StackNote } from '../config/stack-note.js';
import type { Addresses } from './stack-parts.js';
import type { StackPlan } from './stack-plan.js';

export function writeStackNote({ directory, configuration, configPath, exchange }: StackPlan, addresses: Addresses): void {
  const urls = addresses.exchange;
  const note: StackNote = {
    mode: configuration.mode, configPath, ...(urls === undefined ? {} : { exchange: { rest: urls.restUrl, websocket: urls.wsUrl } }),
    ...(exchange.kind === 'simulator' ? { keysFile: directory.keysFile } : {}),
  };
  const file = join(directory.path, STACK_NOTE_FILE);
  writeFileSync(`${file}.incoming`, JSON.stringify(note, null, 2));
  renameSync(`${file}.incoming`, file);
}
