/**
 * For each code of the catalogue: the condition that raises it in this product, and the operator's next steps in their
 * order. Served by `GET /api/v1/errors`; the page of the code says the rest.
 */
import type { ErrorCode } from './catalogue.js';

export interface Explanation {
  /** completes "raised when …" */
  raisedWhen: string;
  nextSteps: readonly string[];
}

const STATUS = 'GET /health says which part is away';
const STRATEGIES = 'GET /api/v1/strategies/debug shows what each strategy saw';
const RISK = 'GET /api/v1/risk/debug shows which rule refused, with its numbers';
const API_STATS = 'GET /api/v1/debug/api-stats shows the endpoint, its error counts and the budget';
const DATA = 'GET /api/v1/data/debug shows the newest candle of each series and the state of the feeds';
const KEY_AUDIT = 'GET /api/v1/security/api-audit shows what the key may do';

const SYSTEM: Pick<Record<ErrorCode, Explanation>, 10001 | 10002 | 10003 | 10004 | 10005 | 10006 | 10007 | 10008 | 10009 | 10010> = {
  10001: { raisedWhen: 'a process starts, or a reload is asked for, and the configuration file does not exist or cannot be read', nextSteps: ['check the path in --config or BOT_CONFIG', 'npm run config:validate -- FILE'] },
  10002: { raisedWhen: 'the configuration file, an option or the environment is not what its schema asks for', nextSteps: ['npm run config:validate -- FILE lists every mistake with line or field and its fix', 'correct the file and reload or start again'] },
  10003: { raisedWhen: 'PostgreSQL does not answer, refuses the login, or loses a connection in the middle of a statement', nextSteps: [STATUS, 'start PostgreSQL or correct DATABASE_URL; the bot reconnects by itself', 'exits and stops go on meanwhile, entries wait'] },
  10004: { raisedWhen: 'REDIS_URL is set and Redis does not answer; the cache is passed by and the source is asked', nextSteps: ['start Redis or unset REDIS_URL; nothing but speed is lost', 'GET /api/v1/debug/api-stats shows the cache'] },
  10005: { raisedWhen: 'keys are missing for the mode, or the key may withdraw money', nextSteps: ['set BYBIT_API_KEY and BYBIT_API_SECRET', KEY_AUDIT, 'make a key with ContractTrade Order and Position only'] },
  10006: { raisedWhen: 'memory, disk or another resource of this machine is short, a port is taken, or a part cannot be started', nextSteps: ['read the numbers in the message', 'free memory or disk, or lower the load', 'GET /api/v1/debug/memory-usage'] },
  10007: { raisedWhen: 'the log file cannot be opened or written; lines go to standard output until it can', nextSteps: ['check permissions and free space of the logs folder', 'nothing is lost that standard output keeps; the file is tried again by itself'] },
  10008: { raisedWhen: 'a strategy cannot be loaded, its parameters are refused, or its evaluation throws', nextSteps: [STRATEGIES, 'correct the strategy or its parameters', 'POST /api/v1/strategies/restart'] },
  10009: { raisedWhen: 'the emergency latch is set: by an operator or a runbook, and for every entry that it stops', nextSteps: ['GET /api/v1/bot/status and GET /api/v1/positions/active', 'find out why, then npx bot release HALT_ID --reason TEXT'] },
  10010: { raisedWhen: 'the loss of the UTC day reaches daily_loss_limit, or an entry could make it do so', nextSteps: ['GET /api/v1/risk/daily-limits', 'review the trades of the day before POST /api/v1/risk/reset-daily-limits'] },
};

const TRADING: Pick<Record<ErrorCode, Explanation>, 20001 | 20002 | 20003 | 20004 | 20005 | 20006 | 20007 | 20008 | 20009 | 20010> = {
  20001: { raisedWhen: 'the account has too little free margin for an entry, or no equity at all', nextSteps: ['GET /api/v1/account/balance', 'add USDT or lower max_position_size or leverage use'] },
  20002: { raisedWhen: 'the exchange does not list a symbol that the configuration names', nextSteps: ['correct the symbol of the strategy', 'POST /api/v1/config/reload'] },
  20003: { raisedWhen: 'an order is below the minimum size or notional of the exchange, or no multiple of its step', nextSteps: [RISK, 'raise max_position_size or the balance'] },
  20004: { raisedWhen: 'the exchange does not trade the symbol now', nextSteps: ['wait; the strategy tries again at its next signal', 'read the announcements of the exchange when it lasts'] },
  20005: { raisedWhen: 'max_positions, the exposure cap or a limit of the exchange leaves no room for an entry', nextSteps: ['GET /api/v1/risk/current-exposure', 'wait for an exit or raise the limit on purpose'] },
  20006: { raisedWhen: 'a position stands without its exchange-side stop and none can be set, or the exchange rejects a stop', nextSteps: ['GET /api/v1/positions/stop-losses', 'the bot closes such a position at once: check that it is gone', 'POST /api/v1/positions/SYMBOL/close when it is not'] },
  20007: { raisedWhen: 'the answer to an order did not come, or an entry ended without a fill', nextSteps: ['nothing at once: the bot asks for the order by its id and never sends it twice', API_STATS] },
  20008: { raisedWhen: 'a price is outside the band of the exchange, or too far from the price that was decided on', nextSteps: [RISK, 'a moving market passes by itself; else review max_price_deviation_percent and the stop distances'] },
  20009: { raisedWhen: 'a rule of the risk engine refuses an entry: paused bot, cooldown, disagreement, missing stop', nextSteps: [RISK, 'the remedy stands beside the rule'] },
  20010: { raisedWhen: 'a signal asks for a symbol that another trade or a foreign position holds already', nextSteps: [STRATEGIES, 'give each strategy its own symbol; close positions that the bot did not open'] },
};

const API: Pick<Record<ErrorCode, Explanation>, 30001 | 30002 | 30003 | 30004 | 30005 | 30006 | 30007 | 30008 | 30009 | 30010> = {
  30001: { raisedWhen: 'the exchange says "too many visits", or our own budget leaves no room in time', nextSteps: [API_STATS, 'stop other programs that use the same key or address'] },
  30002: { raisedWhen: 'the exchange refuses key, signature or time stamp', nextSteps: ['check key and secret, and the clock of this machine', KEY_AUDIT] },
  30003: { raisedWhen: 'the exchange cannot be reached, answers 5xx, or answers something that is no answer; also a defect of this API', nextSteps: [STATUS, 'check the network; the bot asks again by itself'] },
  30004: { raisedWhen: 'the exchange does not understand a request, or knows its order no more', nextSteps: ['read the words of the exchange in the message', 'report it when it repeats: requests are made by this program'] },
  30005: { raisedWhen: 'the exchange does not answer a reading request in time', nextSteps: [API_STATS, 'check the network between here and the exchange'] },
  30006: { raisedWhen: 'the exchange says that it is under maintenance', nextSteps: ['wait; stops at the exchange stay', 'read the announcements of the exchange'] },
  30007: { raisedWhen: 'the exchange does not know an endpoint any more, or asks for another kind of account', nextSteps: ['update this program', 'upgrade the account to unified trading when the message says so'] },
  30008: { raisedWhen: 'the exchange has suspended or restricted the account', nextSteps: ['contact the support of the exchange', 'GET /api/v1/positions/active: stops at the exchange stay'] },
  30009: { raisedWhen: 'the exchange blocks this address: key bound to another one, region, or too many requests', nextSteps: ['check the addresses that the key is bound to', 'after a flood, wait ten minutes: the bot sends only protective requests meanwhile'] },
  30010: { raisedWhen: 'the key is read-only or lacks a permission that trading needs', nextSteps: [KEY_AUDIT, 'give the key ContractTrade: Order and Position'] },
};

const DATA_CODES: Pick<Record<ErrorCode, Explanation>, 40001 | 40002 | 40003 | 40004 | 40005 | 40006 | 40007 | 40008 | 40009 | 40010> = {
  40001: { raisedWhen: 'the newest candle, price or balance is missing, or a decision comes too late for it', nextSteps: [DATA, 'GET /health: is the feed alive?'] },
  40002: { raisedWhen: 'candles come twice, out of order or off their grid, or a time lies in the future', nextSteps: [DATA, 'check the clock of this machine', 'POST /api/v1/strategies/restart reads the candles anew'] },
  40003: { raisedWhen: 'a file, a cache entry or the database is damaged, or recorded market data cannot be read', nextSteps: ['read which file the message names', 'download recorded data again, or restore from the newest verified backup'] },
  40004: { raisedWhen: 'neither memory, ledger nor exchange can give the candles of a strategy, or the live market is silent', nextSteps: [STATUS, DATA, 'in paper mode: start with --market synthetic when the network is away'] },
  40005: { raisedWhen: 'history has holes, or is shorter than a strategy needs', nextSteps: [DATA, 'wait: the bot asks the exchange for what is missing at each candle', 'choose a shorter warm-up for a young symbol'] },
  40006: { raisedWhen: 'a stream of the exchange breaks, or a candle does not come in time and is fetched by REST', nextSteps: [DATA, 'the feed reconnects and fetches what it missed by itself; check the network when it repeats'] },
  40007: { raisedWhen: 'a candle contradicts itself: high below low, price of zero, negative volume', nextSteps: [DATA, 'the candle is not used; compare with the chart of the exchange'] },
  40008: { raisedWhen: 'PostgreSQL answers but does not take a write: disk full, read-only, time-out, schema', nextSteps: ['the message names the reason and the fix', 'entries wait until exchange and ledger agree; the gap is fetched by itself'] },
  40009: { raisedWhen: 'a value of the cache is past its time to live and its source is away, so that the old value is given', nextSteps: ['nothing at once: decisions never use it', 'find out why the source is away: ' + STATUS] },
  40010: { raisedWhen: 'the exchange or a file gives something where a number or an instant should be', nextSteps: ['read which field the message names', 'report it when it repeats: the format may have changed'] },
};

export const EXPLANATIONS: Readonly<Record<ErrorCode, Explanation>> = { ...SYSTEM, ...TRADING, ...API, ...DATA_CODES };
