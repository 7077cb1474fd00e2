/** API keys of the simulated account and what each may do, in the words of Bybit's `GET /v5/user/query-api`. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BotError } from '../../core/errors/bot-error.js';

export interface ApiKey {
  key: string;
  secret: string;
  readOnly: boolean;
  /** for example { ContractTrade: ['Order', 'Position'], Wallet: [] } */
  permissions: Record<string, string[]>;
  /** empty: any address */
  ips: string[];
}

export type KeyScope = 'Order' | 'Position' | 'read';

const FULL_PERMISSIONS: Record<string, string[]> = {
  ContractTrade: ['Order', 'Position'], Spot: [], Wallet: [], Options: [], Derivatives: ['DerivativesTrade'], Exchange: [], Earn: [],
};

export function tradingKey(key: string, secret: string): ApiKey {
  return { key, secret, readOnly: false, permissions: FULL_PERMISSIONS, ips: [] };
}

/** Reading needs any key; trading needs a key that is not read-only and holds the permission. */
export function isAllowed(key: ApiKey, scope: KeyScope): boolean {
  if (scope === 'read') return true;
  return !key.readOnly && (key.permissions['ContractTrade'] ?? []).includes(scope);
}

const storedKeySchema = z.object({ key: z.string().min(8), secret: z.string().min(8) });
const KEYS_FILE = 'keys.json';

/** The folder's own key, made on first use; `isNew` tells the caller to show it once. */
export function ownKey(directory: string | undefined): { key: ApiKey; isNew: boolean } {
  const path = directory === undefined ? undefined : join(directory, KEYS_FILE);
  if (path !== undefined && existsSync(path)) return { key: readStoredKey(path), isNew: false };
  const fresh = { key: `sim${randomBytes(9).toString('hex')}`, secret: randomBytes(18).toString('hex') };
  if (path !== undefined) {
    writeFileSync(path, JSON.stringify(fresh), { mode: 0o600 });
    chmodSync(path, 0o600);
  }
  return { key: tradingKey(fresh.key, fresh.secret), isNew: true };
}

function readStoredKey(path: string): ApiKey {
  try {
    const stored = storedKeySchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return tradingKey(stored.key, stored.secret);
  } catch (error) {
    throw new BotError(10005, `${KEYS_FILE} in the simulator's state folder cannot be read`, { fix: `Delete ${KEYS_FILE} to have a new key made`, cause: error });
  }
}
