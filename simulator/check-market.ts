/** Whether a market can be shown at all, found out without serving or writing anything: for whoever is about to start one. */
import { identityOf, listedInstruments, openKnownMarket } from './exchange/market-setup.js';
import { parseSimulatorOptions, type SimulatorOptionsInput } from './options.js';

/** Rejects with the BotError that a start would end with: 10002 options, 20002 symbol, 400xx data, 40004 no live feed. */
export async function checkMarket(input: SimulatorOptionsInput): Promise<void> {
  const options = parseSimulatorOptions(input);
  await listedInstruments(options);
  if (options.market !== 'live') await openKnownMarket(options, identityOf(options, Date.now()));
}
