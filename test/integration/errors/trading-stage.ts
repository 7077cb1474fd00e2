/** A whole bot on the simulated exchange in lock-step, with the strategies' troubles written into its configuration. */
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DEFAULT_CONFIGURATION } from '../../support/scripted-configuration.js';
import { startTradingStack, type TradingStack } from '../../support/trading-stack.js';
import { setErrorStage, type ErrorStage } from './error-stage.js';

export const FROM_MS = Date.UTC(2026, 0, 5);
const CANDLE_MS = 300_000;
const TROUBLED = new URL('../../fixtures/strategies/troubled.js', import.meta.url).href;

/** Close of the n-th candle. */
export const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;

export interface TroubledStrategy {
  name: string;
  symbol: string;
  warmUp?: number;
  enterAt?: number[];
  throwAt?: number[];
}

export interface TradingStage extends ErrorStage {
  stack: TradingStack;
  /** moves the market to the next candle's close and waits until the bot has dealt with it; returns its number */
  nextCandle(): Promise<number>;
  /** posts faults of the simulated exchange; they stay until `heal` */
  fail(...rules: Record<string, unknown>[]): Promise<void>;
  heal(): Promise<void>;
}

export async function setTradingStage(options: { strategies: TroubledStrategy[]; trading?: Record<string, unknown> }): Promise<TradingStage> {
  const errors = setErrorStage('trading-worker');
  const stack = await startTradingStack({
    fromMs: FROM_MS, toMs: at(200), seed: 11, stepMs: CANDLE_MS, logger: errors.logger, configurationPath: await writeConfiguration(options),
  });
  await errors.connect(stack.database.databaseUrl);
  let candle = 0;
  return {
    ...errors,
    stack,
    nextCandle: async () => {
      candle += 1;
      await stack.advanceTo(at(candle));
      await stack.dealtWith(at(candle));
      return candle;
    },
    fail: (...rules) => stack.simulate('faults', { rules }),
    heal: () => stack.clearFaults(),
    close: async () => {
      await errors.close();
      await stack.stop();
    },
  };
}

async function writeConfiguration({ strategies, trading = {} }: { strategies: TroubledStrategy[]; trading?: Record<string, unknown> }): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'configuration-'));
  await mkdir(path.join(folder, 'strategies'));
  for (const { name } of strategies) {
    await writeFile(path.join(folder, 'strategies', `${name}.mjs`), `import { troubled } from ${JSON.stringify(TROUBLED)};\nexport const strategy = troubled(${JSON.stringify(name)});\n`);
  }
  const base = JSON.parse(await readFile(DEFAULT_CONFIGURATION, 'utf8')) as { trading: object };
  const document = {
    ...base,
    trading: { ...base.trading, ...trading },
    strategies: strategies.map(({ name, symbol, warmUp = 1, enterAt = [], throwAt = [] }) => ({
      name, enabled: true, parameters: { symbol, interval: '5', warm_up: warmUp, enter_at_ms: enterAt.map(at), throw_at_ms: throwAt.map(at) },
    })),
  };
  const file = path.join(folder, 'config.json');
  await writeFile(file, JSON.stringify(document));
  return file;
}
