/** Closing everything, with a resting entry beside what the bot holds. The halt is ended afterwards, or the next cell has no bot. */
import { createLatchFile } from '../../../adapters/host/latch-file.js';
import { readExchangeBook } from '../../../checker/exchange-book.js';
import { dec } from '../../../core/money/decimal.js';
import { isTerminal, type OrderStatus } from '../../../core/orders/order.js';
import { RawClient } from '../../contract/simulator/client.js';
import type { DrilledStack } from '../drilled-stack.js';
import { endHalt } from '../end-halt.js';
import type { Situation } from './situation.js';

export const emergencyShutdownSituation: Situation = {
  runbook: 'emergencyShutdown',
  prepare: async ({ stack, simulatorUrl }) => {
    const { retCode, retMsg } = await new RawClient(simulatorUrl, stack.keys).order({ symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.1', price: '100.0', timeInForce: 'GTC' });
    if (retCode !== 0) throw new Error(`the resting entry: ${retMsg}`);
    return { close_positions: true };
  },
  verify: async (drilled, { state }) => [...(await latchFindings(drilled)), ...(await openFindings(drilled, { closed: state === 'completed' }))],
  leave: endHalt,
};

async function latchFindings({ stack }: DrilledStack): Promise<string[]> {
  return (await createLatchFile(stack.dataDir).read()) === null ? ['the latch is not set'] : [];
}

/** A run whose closing was cancelled has cancelled the orders all the same. */
async function openFindings({ simulatorUrl }: DrilledStack, { closed }: { closed: boolean }): Promise<string[]> {
  const { orders, positions } = await readExchangeBook(simulatorUrl);
  const resting = orders.filter(({ status, stopOrderType }) => !isTerminal(status as OrderStatus) && stopOrderType === '');
  const held = closed ? positions.filter(({ size }) => !dec(size).isZero()) : [];
  return [...resting.map(({ orderId, symbol }) => `order ${orderId} on ${symbol} is still open`), ...held.map(({ symbol, size }) => `${size} ${symbol} is still open`)];
}
