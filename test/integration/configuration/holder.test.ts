/** What a worker holds on to while versions come, go and cannot be had; the ledger is real, the exchange's word on symbols is the test's. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import { loadConfiguration, type Configuration } from '../../../config/load.js';
import { BotError } from '../../../core/errors/bot-error.js';
import type { ErrorCode } from '../../../core/errors/catalogue.js';
import { CONFIGURATION_STATE, configurationVersionState } from '../../../core/ports/configuration.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { holdConfiguration, type ConfigurationHolder } from '../../../workers/configuration-holder.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { openSeverableLink, type SeverableLink } from '../../support/severable-link.js';
import { silentLogger } from '../../support/silent-logger.js';

let database: TestDatabase;
let link: SeverableLink;
let ledger: Ledger;
let folder: string;
beforeAll(async () => {
  [database, folder] = await Promise.all([createTestDatabase(), mkdtemp(join(tmpdir(), 'holder-'))]);
  const url = new URL(database.databaseUrl);
  link = await openSeverableLink({ host: '127.0.0.1', port: Number(url.port) });
  url.hostname = '127.0.0.1';
  url.port = String(link.port);
  ledger = await createPostgresLedger({ databaseUrl: url.href, logger: silentLogger, connectTimeoutMs: 1_000 });
});
afterAll(async () => {
  await ledger.close();
  await link.close();
  await Promise.all([database.drop(), rm(folder, { recursive: true })]);
});

const TRADING = { max_position_size: 10, daily_loss_limit: 5 };
const BTC = { name: 'mean_reversion_btc', enabled: true };
const ETH = { name: 'sma_cross_eth', enabled: true, parameters: { interval: '15' } };

async function configurationWith(document: object): Promise<Configuration> {
  const path = join(folder, 'config.json');
  await writeFile(path, JSON.stringify({ trading: TRADING, strategies: [BTC], ...document }));
  return loadConfiguration(path);
}

/** Puts a version where every worker finds it. */
async function stored(document: object): Promise<string> {
  const { version } = await configurationWith(document);
  await ledger.saveState(configurationVersionState(version.hash), { ...version });
  return version.hash;
}

describe('the configuration that a worker holds', () => {
  /** what the exchange says of a symbol; absent: it is listed */
  let refusals: Record<string, ErrorCode>;
  let asked: string[];
  let own: Configuration;
  let holder: ConfigurationHolder;
  beforeEach(async () => {
    refusals = {};
    asked = [];
    own = await configurationWith({});
    holder = await hold(own);
  });

  function hold(configuration: Configuration): Promise<ConfigurationHolder> {
    const admit = (symbol: string): Promise<void> => {
      asked.push(symbol);
      const code = refusals[symbol];
      return code === undefined ? Promise.resolve() : Promise.reject(new BotError(code, `no ${symbol}`));
    };
    return holdConfiguration({ configuration, ledger, admit, logger: silentLogger, now: Date.now });
  }

  it('begins with its own file, without asking again for what the preflight has judged', () => {
    expect(holder.current()).toMatchObject({ hash: own.version.hash, limits: { maxPositions: 3 }, schedule: { lengthMs: 900_000, overdueCheckMs: 10_000 } });
    expect([holder.series(), asked]).toEqual([[{ symbol: 'BTCUSDT', interval: '15' }], []]);
  });

  it('becomes the version that is named, and again the one before', async () => {
    const hash = await stored({ trading: { ...TRADING, max_positions: 7 }, strategies: [ETH], feed: { overdue_check_ms: 2_000 } });
    await holder.ensure(hash);
    expect(holder.current()).toMatchObject({ hash, limits: { maxPositions: 7 }, strategies: [{ name: ETH.name }], schedule: { lengthMs: 900_000, overdueCheckMs: 2_000 } });
    expect(await database.query('select name, enabled from strategies where name = $1', [ETH.name])).toEqual([{ name: ETH.name, enabled: true }]);
    await holder.ensure(own.version.hash);
    await holder.ensure(null);
    expect(holder.current().hash).toBe(own.version.hash);
  });

  it('stays as it is when the version is unknown, or made for another mode', async () => {
    await expect(holder.ensure('f'.repeat(64))).rejects.toMatchObject({ code: 10002, message: expect.stringContaining('the ledger knows no configuration') as string });
    const elsewhere = await stored({ mode: 'testnet' });
    await expect(holder.ensure(elsewhere)).rejects.toMatchObject({ code: 10002, message: expect.stringContaining('for mode testnet, this worker was started for paper') as string });
    expect(holder.current().hash).toBe(own.version.hash);
  });

  it('stays as it is while the ledger is away, and changes once it is back', async () => {
    const hash = await stored({ trading: { ...TRADING, max_positions: 9 } });
    link.cut();
    try {
      await expect(holder.ensure(hash)).rejects.toMatchObject({ code: 10003, retryable: true });
      expect(await holder.newestSeries()).toBeUndefined();
      expect(holder.current().hash).toBe(own.version.hash);
    } finally {
      link.mend();
    }
    await expect.poll(() => holder.ensure(hash).then(() => holder.current().hash, () => 'not yet'), { timeout: 10_000 }).toBe(hash);
  });

  it('neither feeds nor evaluates a strategy whose symbol cannot be traded; an exchange that does not answer is asked again', async () => {
    const hash = await stored({ strategies: [BTC, ETH] });
    refusals = { ETHUSDT: 30003 };
    await expect(holder.ensure(hash)).rejects.toMatchObject({ code: 30003 });
    refusals = { ETHUSDT: 20002 };
    await holder.ensure(hash);
    expect(holder.series()).toEqual([{ symbol: 'BTCUSDT', interval: '15' }]);
    expect(holder.current().strategies.map(({ unfit }) => unfit?.message)).toEqual([undefined, 'Strategy sma_cross_eth error: ETHUSDT cannot be traded: 20002 no ETHUSDT']);
    expect(asked).toEqual(['ETHUSDT', 'ETHUSDT']);
  });

  it('asks at its start for the symbols of disabled strategies, because an operator may enable them', async () => {
    refusals = { ETHUSDT: 20002 };
    const held = await hold(await configurationWith({ strategies: [BTC, { ...ETH, enabled: false }] }));
    expect([asked, held.series()]).toEqual([['ETHUSDT'], [{ symbol: 'BTCUSDT', interval: '15' }]]);
  });

  it('is accepted at a start, and what is accepted later is what is followed', async () => {
    await holder.acceptOwn();
    expect(await ledger.state(CONFIGURATION_STATE)).toMatchObject({ ...own.version, acceptedBy: 'start' });
    expect(await ledger.state(configurationVersionState(own.version.hash))).toEqual(own.version);
    expect(await holder.newestSeries()).toEqual(holder.series());
    const accepted = await ledger.state(CONFIGURATION_STATE);
    await holder.acceptOwn();
    expect(await ledger.state(CONFIGURATION_STATE)).toEqual(accepted);
    const hash = await stored({ strategies: [BTC, ETH] });
    await ledger.saveState(CONFIGURATION_STATE, { hash });
    expect(await holder.newestSeries()).toEqual([{ symbol: 'BTCUSDT', interval: '15' }, { symbol: 'ETHUSDT', interval: '15' }]);
    expect(holder.current().hash).toBe(own.version.hash);
  });
});
