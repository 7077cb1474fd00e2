/** A configuration file whose strategies follow a script, so that a test says what is traded when. */
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Script {
  strategies: ScriptedStrategy[];
  /** replaces values of the default configuration's `trading` */
  trading?: Record<string, unknown>;
  /** replaces values of the default configuration's `feed` */
  feed?: Record<string, unknown>;
  /** replaces values of the default configuration's `exchange` */
  exchange?: Record<string, unknown>;
}

export interface ScriptedStrategy {
  name: string;
  symbol: string;
  /** minutes; absent: 5 */
  interval?: string;
  /** candle closes, ms */
  enterAtMs: number[];
  exitAtMs?: number[];
}

export const DEFAULT_CONFIGURATION = new URL('../../config/default.json', import.meta.url).pathname;
const SCRIPTED = new URL('../fixtures/strategies/scripted.js', import.meta.url).href;

/**
 * @param folder is kept when it is given: the configuration in it becomes another one
 * @returns the path of the configuration; its strategies lie in the folder beside it
 */
export async function writeScriptedConfiguration(script: Script, folder?: string): Promise<string> {
  return writeInto(folder ?? (await mkdtemp(path.join(tmpdir(), 'configuration-'))), script);
}

async function writeInto(folder: string, script: Script): Promise<string> {
  await mkdir(path.join(folder, 'strategies'), { recursive: true });
  for (const { name } of script.strategies) {
    const source = `import { scripted } from ${JSON.stringify(SCRIPTED)};\nexport const strategy = scripted(${JSON.stringify(name)});\n`;
    await writeFile(path.join(folder, 'strategies', `${name}.mjs`), source);
  }
  const base = JSON.parse(await readFile(DEFAULT_CONFIGURATION, 'utf8')) as { trading: object; feed: object; exchange: object };
  const document = {
    ...base,
    trading: { ...base.trading, ...script.trading },
    feed: { ...base.feed, ...script.feed },
    exchange: { ...base.exchange, ...script.exchange },
    strategies: script.strategies.map(({ name, symbol, interval = '5', enterAtMs, exitAtMs = [] }) => ({
      name, enabled: true, parameters: { symbol, interval, enter_at_ms: enterAtMs, exit_at_ms: exitAtMs },
    })),
  };
  const file = path.join(folder, 'config.json');
  await writeFile(file, JSON.stringify(document));
  return file;
}
