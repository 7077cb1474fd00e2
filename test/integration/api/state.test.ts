/** Snapshots over HTTP: complete when all is there, and as much as can be had when it is not. */
import { Client } from '@temporalio/client';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { ApiDependencies } from '../../../api/api-dependencies.js';
import { createBotClient } from '../../../api/bot-client.js';
import { stateSavedSchema } from '../../../api/routes/state-commands.js';
import { openTemporalConnection } from '../../../api/temporal-connection.js';
import { BotError } from '../../../core/errors/bot-error.js';
import type { SnapshotDocument } from '../../../core/snapshot/snapshot.js';
import { aPosition, aTrade, aWallet } from '../../support/postgres-facts.js';
import { PLANTED_SECRET, stageApi, type StagedApi } from './staged-api.js';

type Saved = z.output<typeof stateSavedSchema>;

let api: StagedApi;
const connection = openTemporalConnection('127.0.0.1:1');
const noDatabase: Partial<ApiDependencies> = { ledger: () => Promise.reject(new BotError(10003, 'the database does not answer')) };
const noTemporal: Partial<ApiDependencies> = { bot: createBotClient({ client: new Client({ connection }) }) };

beforeAll(async () => {
  api = await stageApi();
  await api.ledger.saveTrade(aTrade({ state: 'open' }));
  await api.ledger.savePositions([aPosition()], { asOfMs: Date.now(), complete: true });
  await api.ledger.saveWallet(aWallet());
});
afterAll(async () => {
  await api.close();
  await connection.close();
});

async function documentOf({ file }: Saved): Promise<SnapshotDocument> {
  return JSON.parse(await readFile(path.join(api.dataDir, file), 'utf8')) as SnapshotDocument;
}

describe('state/save', () => {
  it('writes bot, risk, trades, positions and configuration into one file, and tells its digest', async () => {
    const { status, json } = await api.post<Saved>('/api/v1/state/save', { reason: `before lunch ${PLANTED_SECRET}` });
    const saved = stateSavedSchema.parse(json);
    expect({ status, ...saved }).toMatchObject({ status: 200, complete: true, consistent: true, missing: [], configuration_hash: 'obedient-hash', audit: 'recorded', decided_through: '2024-05-01T12:00:00.000Z' });
    const text = await readFile(path.join(api.dataDir, saved.file), 'utf8');
    expect(createHash('sha256').update(text).digest('hex')).toBe(saved.sha256);
    expect(await documentOf(saved)).toMatchObject({
      format: 'trading-bot-state', version: 1, kind: 'save', actor: 'operator', reason: 'before lunch [redacted]', configuration_hash: 'obedient-hash',
      bot: { lifecycle: 'running' }, risk: { equity: '10012.5' }, open_trades: [{ tradeId: 'BTCUSDT-s9x-abcd', state: 'open' }], positions: [{ position: { symbol: 'BTCUSDT' } }], wallet: { equity: '10000.12' }, emergency_latch: null,
    });
    expect(text).not.toContain(PLANTED_SECRET);
  });

  it('is refused with Temporal away, names what is missing and the call that works, and writes nothing', async () => {
    const before = await readdir(path.join(api.dataDir, 'state'));
    const alone = await api.beside(noTemporal);
    try {
      expect(await alone.refused('/api/v1/state/save', { method: 'POST' })).toMatchObject({ status: 503, json: { code: 10006, detail: expect.stringContaining('missing: bot') as string, fix: expect.stringContaining('emergency-save') as string } });
      expect(await readdir(path.join(api.dataDir, 'state'))).toEqual(before);
    } finally {
      await alone.close();
    }
  });
});

describe('state/emergency-save', () => {
  it.each<[string, Partial<ApiDependencies>, string[]]>([
    ['nothing', {}, []],
    ['Temporal', noTemporal, ['bot', 'risk', 'strategies', 'internal_state']],
    ['the database', noDatabase, ['open_trades', 'positions', 'wallet', 'last_decision', 'bot_memory']],
    ['both', { ...noTemporal, ...noDatabase }, ['bot', 'risk', 'strategies', 'internal_state', 'open_trades', 'positions', 'wallet', 'last_decision', 'bot_memory']],
  ])('with %s away keeps the rest and says what it lacks', async (_what, changed, missing) => {
    const alone = await api.beside(changed);
    try {
      const { status, json } = await alone.ask<Saved>('/api/v1/state/emergency-save', { method: 'POST' });
      const saved = stateSavedSchema.parse(json);
      expect({ status, parts: saved.missing.map(({ part }) => part) }).toEqual({ status: 200, parts: missing });
      for (const { because } of saved.missing) expect(because).toMatch(/^\d{5} /);
      expect(await documentOf(saved)).toMatchObject({ kind: 'emergency', complete: missing.length === 0, missing: saved.missing });
    } finally {
      await alone.close();
    }
  });
});
