/** What every command is given: the API, and a way to speak to whoever called. */
import { createInterface } from 'node:readline/promises';
import type { ApiClient } from './api-client.js';

export interface Session {
  api: ApiClient;
  /** nothing but one JSON document goes to standard output */
  json: boolean;
  /** whoever calls has confirmed in advance */
  yes: boolean;
  /** a person sits there and can be asked */
  interactive: boolean;
  /** for people; nothing with --json */
  say(line: string): void;
  /** the result, for programs; nothing without --json */
  give(document: unknown): void;
  /** passing remarks: standard error */
  remark(line: string): void;
  /** true when the answer is yes */
  confirm(question: string): Promise<boolean>;
}

export function openSession({ api, json, yes }: { api: ApiClient; json: boolean; yes: boolean }): Session {
  const interactive = process.stdin.isTTY && process.stdout.isTTY && !json;
  return {
    api, json, yes, interactive,
    say: (line) => { if (!json) console.log(line); },
    give: (document) => { if (json) console.log(JSON.stringify(document, null, 2)); },
    remark: (line) => console.error(line),
    confirm: async (question) => {
      const reader = createInterface({ input: process.stdin, output: process.stdout });
      const answer = await reader.question(`${question} [y/N] `);
      reader.close();
      return /^y(es)?$/i.test(answer.trim());
    },
  };
}
