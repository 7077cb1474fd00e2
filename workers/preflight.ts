/**
 * What must be true before a bot touches an account: the key may trade and may not withdraw, the clock is right, the
 * account is in one-way mode, there is something to trade with. The same in every mode.
 */
import type { Configuration } from '../config/load.js';
import { BotError, isBotError } from '../core/errors/bot-error.js';
import { dec } from '../core/money/decimal.js';
import type { ApiKeyInfo, Exchange } from '../core/ports/exchange.js';

export async function preflight(exchange: Exchange, configuration: Configuration): Promise<void> {
  await checkClock(exchange, configuration.exchange.recv_window_ms);
  checkKey(await readKey(exchange));
  const symbols = [...new Set(configuration.strategies.filter(({ enabled }) => enabled).map(({ symbol }) => symbol))];
  await checkSymbols(exchange, symbols);
  for (const symbol of symbols) await exchange.ensureOneWayMode(symbol);
  await checkBalance(exchange);
}

/** Makes a symbol tradable that came with a later configuration. Throws 20002 when the exchange does not list it. */
export async function admitSymbol(exchange: Exchange, symbol: string): Promise<void> {
  await checkSymbols(exchange, [symbol]);
  await exchange.ensureOneWayMode(symbol);
}

/** Bybit refuses requests older than recv_window or more than a second ahead (V5 docs, "Integration Guidance"). */
async function checkClock(exchange: Exchange, recvWindowMs: number): Promise<void> {
  const before = Date.now();
  const serverMs = await exchange.serverTime();
  const skewMs = Math.round((before + Date.now()) / 2 - serverMs);
  if (skewMs < 1_000 && skewMs > -recvWindowMs) return;
  throw new BotError(30002, `the clock of this machine is ${skewMs} ms away from the exchange's`, { fix: 'synchronise the clock (chrony or ntpd), then start again' });
}

/** A refused key is most often one of another environment; its refusal alone does not say where it was taken from. */
async function readKey(exchange: Exchange): Promise<ApiKeyInfo> {
  try {
    return await exchange.apiKey();
  } catch (error) {
    if (!isBotError(error) || error.code !== 30002) throw error;
    throw new BotError(30002, `the exchange refuses the API key (${error.message})`, {
      fix: 'check BYBIT_API_KEY and BYBIT_API_SECRET: whole, of this mode (live, demo and testnet have keys of their own), not expired', cause: error,
      ...(error.foreignCode === undefined ? {} : { foreignCode: error.foreignCode }),
    });
  }
}

function checkKey(key: ApiKeyInfo): void {
  const trading = key.permissions['ContractTrade'] ?? [];
  const missing = ['Order', 'Position'].filter((permission) => !trading.includes(permission));
  if (key.readOnly || missing.length > 0) {
    throw new BotError(30010, `the API key may not trade: ${key.readOnly ? 'it is read-only' : `ContractTrade lacks ${missing.join(', ')}`}`, { fix: 'give the key ContractTrade: Order and Position' });
  }
  if (key.permissions['Wallet']?.includes('Withdraw')) {
    throw new BotError(10005, 'the API key may withdraw money; a trading key must not', { fix: 'create a key without the Withdraw permission' });
  }
}

async function checkSymbols(exchange: Exchange, symbols: readonly string[]): Promise<void> {
  const isKnown = await Promise.all(symbols.map((symbol) => isListed(exchange, symbol)));
  const unknown = symbols.filter((_symbol, index) => isKnown[index] !== true);
  if (unknown.length > 0) throw new BotError(20002, `the exchange does not list ${unknown.join(', ')}`, { fix: 'correct the symbols in the configuration' });
}

/** Asked one by one, because Bybit's refusal of a list does not name the symbol. */
async function isListed(exchange: Exchange, symbol: string): Promise<boolean> {
  try {
    return (await exchange.instruments([symbol])).length > 0;
  } catch (error) {
    if (isBotError(error) && error.code === 20002) return false;
    throw error;
  }
}

async function checkBalance(exchange: Exchange): Promise<void> {
  const wallet = await exchange.wallet();
  if (dec(wallet.equity).gt(0)) return;
  throw new BotError(20001, 'the account has no USDT equity', { fix: 'transfer USDT to the unified trading account' });
}
