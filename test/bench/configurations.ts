/** What the measured bots trade: the default configuration, or three pulses that enter often. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const DEFAULT_CONFIGURATION = fileURLToPath(new URL('../../config/default.json', import.meta.url));
/** One 5-minute candle of market time. */
export const PULSE_CANDLE_MS = 300_000;

const PULSES = [
  { name: 'pulse_btc', symbol: 'BTCUSDT', phase: 0 },
  { name: 'pulse_eth', symbol: 'ETHUSDT', phase: 2 },
  { name: 'pulse_sol', symbol: 'SOLUSDT', phase: 4 },
];

/** Small positions, and limits wide enough that only the pulse decides; in a fast market a second is minutes. */
const TRADING = {
  max_position_size: 5, daily_loss_limit: 20, max_positions: 3, stop_loss_percent: 10, leverage: 2,
  cooldown_minutes_after_stop: 0, max_total_exposure_percent: 150, stale_after_ms: 3_600_000, max_price_deviation_percent: 20,
};

/** Writes configuration and strategies into the folder; returns the configuration's path. */
export async function writePulseConfiguration(folder: string): Promise<string> {
  const module = new URL('./pulse.js', import.meta.url).href;
  await mkdir(join(folder, 'strategies'), { recursive: true });
  await Promise.all(PULSES.map(({ name }) =>
    writeFile(join(folder, 'strategies', `${name}.mjs`), `import { pulse } from '${module}';\nexport const strategy = pulse('${name}');\n`)));
  const strategies = PULSES.map(({ name, symbol, phase }) => ({ name, enabled: true, parameters: { symbol, phase } }));
  const path = join(folder, 'config.json');
  await writeFile(path, JSON.stringify({ mode: 'paper', trading: TRADING, strategies }));
  return path;
}
