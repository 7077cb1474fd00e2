/** A configuration that trades as often as the strategies can, for drills that need orders. */
import type { Interval } from '../../core/market/interval.js';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Entries are allowed however late: in a market that runs 600 times too fast every decision is late. */
const STALE_AFTER_MS = 3_600_000;

const chatty = (interval: Interval) => ({
  mode: 'paper',
  trading: { max_position_size: 20, daily_loss_limit: 50, max_positions: 3, stop_loss_percent: 2, leverage: 2, cooldown_minutes_after_stop: 0, stale_after_ms: STALE_AFTER_MS },
  strategies: [
    { name: 'mean_reversion_btc', enabled: true, parameters: { symbol: 'BTCUSDT', interval, rsi_period: 2, rsi_oversold: 49, rsi_overbought: 51, bb_period: 5, bb_stddev: 0.5, stop_loss: 2 } },
    { name: 'sma_cross_eth', enabled: true, parameters: { symbol: 'ETHUSDT', interval, sma_fast: 2, sma_slow: 3, rsi_threshold: 1, stop_loss: 2 } },
    { name: 'breakout_sol', enabled: true, parameters: { symbol: 'SOLUSDT', interval, channel_period: 2, exit_period: 2, atr_period: 2, atr_min_percent: 0, atr_stop_multiple: 2.5 } },
  ],
});

/** `besides`: further sections of the configuration. */
export async function writeChattyConfiguration(interval: Interval, besides: object = {}): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'chatty-'));
  const file = path.join(folder, 'config.json');
  await writeFile(file, JSON.stringify({ ...chatty(interval), ...besides }, null, 2));
  return file;
}
