/**
 * The emergency stop of the command line, for when the API is down as well: `npx bot emergency` starts it. It needs the exchange
 * credentials in its environment and nothing else; what else there is it uses.
 *
 * Invariant: neither a broken configuration nor a database that hangs keeps it from the exchange.
 */
import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { createEmergencyJournal } from '../adapters/host/emergency-journal.js';
import { createPostgresLedger } from '../adapters/postgres/ledger.js';
import { readEmergencySettings, type EmergencySettings } from '../config/environment.js';
import { loadConfiguration } from '../config/load.js';
import { createLogger } from '../config/logging.js';
import { BotError } from '../core/errors/bot-error.js';
import type { DirectStanding } from '../core/ports/emergency-stop.js';
import { createDirectEmergency } from './direct-emergency.js';
import { directExchange } from './direct-exchange.js';
import { openEmergencyLatch } from './emergency-latch.js';
import { notificationChannels } from './notification-channels.js';
import { sayFatal } from './process-life.js';
import { createReopeningLedger } from './reopening-ledger.js';

const CUSTOMARY = { recv_window_ms: 5_000, request_timeout_ms: 5_000 };
const POOL = { poolSize: 1, poolOverflow: 0, statementTimeoutMs: 2_000, connectTimeoutMs: 1_000 };

const options = new Command('emergency').option('--close-positions').option('--reason <text>', '', '').option('--actor <name>', '', 'command line').option('--data-dir <dir>').option('--json')
  .parse().opts<{ closePositions?: true; reason: string; actor: string; dataDir?: string; json?: true }>();

async function main(): Promise<number> {
  const settings = readEmergencySettings(options.dataDir === undefined ? {} : { dataDir: options.dataDir });
  const logger = createLogger({ service: 'emergency', instance: '1', level: settings.logLevel, secrets: settings.secrets, destination: process.stderr });
  const { mode, exchange } = await exchangeSettings(settings);
  const ledger = createReopeningLedger(() => (settings.databaseUrl === undefined
    ? Promise.reject(new BotError(10003, 'DATABASE_URL is not in the environment')) : createPostgresLedger({ databaseUrl: settings.databaseUrl, logger, ...POOL })));
  const emergency = createDirectEmergency({
    exchange: directExchange({ access: settings.exchange, mode, recvWindowMs: exchange.recv_window_ms, requestTimeoutMs: exchange.request_timeout_ms, logger }),
    latch: openEmergencyLatch({ dataDir: settings.dataDir, ledger: ledger.access }),
    journal: createEmergencyJournal({ dataDir: settings.dataDir, logger }),
    channels: notificationChannels(settings.notifications), mode, now: Date.now, logger,
    onLine: (line) => { if (options.json !== true) process.stdout.write(`  ${line}\n`); },
  });
  emergency.act({
    haltId: `halt-${randomUUID().slice(0, 8)}`, atMs: Date.now(), reason: options.reason || 'emergency stop', actor: options.actor, closePositions: options.closePositions === true, stopServices: [],
  });
  return tell(await emergency.settled());
}

/** The configuration says which exchange it is; without one the environment has to. */
async function exchangeSettings({ configPath, mode }: EmergencySettings): Promise<{ mode: NonNullable<EmergencySettings['mode']>; exchange: typeof CUSTOMARY }> {
  if (configPath !== undefined) {
    const loaded = await loadConfiguration(configPath).catch(() => undefined);
    if (loaded !== undefined) return { mode: loaded.mode, exchange: loaded.exchange };
  }
  if (mode !== undefined) return { mode, exchange: CUSTOMARY };
  throw new BotError(10002, 'which exchange it is is not known: BOT_CONFIG names no configuration that can be read', { fix: 'set BOT_MODE to paper, demo, testnet or live (and for paper BYBIT_REST_URL and BYBIT_WS_URL)' });
}

function tell(standing: DirectStanding | null): number {
  if (options.json === true) process.stdout.write(`${JSON.stringify(standing, null, 2)}\n`);
  else for (const line of ['To do by hand:', ...(standing?.remaining ?? [])]) process.stdout.write(`${line}\n`);
  return standing?.state === 'done' ? 5 : 1;
}

main().then((exitCode) => process.exit(exitCode), sayFatal);
