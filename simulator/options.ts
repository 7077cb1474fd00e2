/** What a simulated exchange is started with. Parsed once; every limit has its unit in its name. */
import { z } from 'zod';
import { BotError } from '../core/errors/bot-error.js';
import { isMultipleOf, parseDecimal, toDecimalString, Decimal } from '../core/money/decimal.js';
import { faultPlanSchema, NO_FAULTS } from './faults/fault-rule.js';

const positiveAmount = z.string().refine((text) => {
  try {
    return parseDecimal(text, 'balance').gt(0) && isMultipleOf(parseDecimal(text, 'balance'), new Decimal('0.00000001'));
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}, 'a positive amount of USDT with at most 8 decimals').transform((text) => toDecimalString(text));

const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost'];
const DAY_MS = 86_400_000;
const instantMs = z.number().int().min(0);

const apiKeySchema = z.object({
  key: z.string().min(1), secret: z.string().min(1), readOnly: z.boolean().default(false),
  permissions: z.record(z.string(), z.array(z.string())).default({ ContractTrade: ['Order', 'Position'], Wallet: [] }), ips: z.array(z.string()).default([]),
});

export const simulatorOptionsSchema = z.strictObject({
  host: z.string().refine((host) => LOOPBACK_HOSTS.includes(host), 'the simulated exchange listens on loopback only').default('127.0.0.1'),
  /** 0: a free one */
  port: z.number().int().min(0).max(65_535).default(0),
  /** absent: nothing survives the process */
  stateDir: z.string().min(1).optional(),
  market: z.enum(['replay', 'synthetic', 'live']).default('synthetic'),
  /** folder of the recorded candles, for replay */
  data: z.string().min(1).optional(),
  symbols: z.array(z.string().regex(/^[A-Z0-9]+USDT$/)).min(1).max(10).default(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']),
  seed: z.number().int().min(0).default(1),
  /** times real time, or lock-step */
  speed: z.union([z.literal('max'), z.number().min(0.1).max(100_000)]).default(1),
  fromMs: instantMs.optional(),
  toMs: instantMs.optional(),
  /** the market's start is moved to now; needs a market that runs by itself at speed 1 */
  rebase: z.boolean().default(false),
  /** USDT */
  balance: positiveAmount.default(toDecimalString('10000')),
  /** absent: a key of the state folder's own, made on first use */
  keys: z.array(apiKeySchema).min(1).optional(),
  /** multiplies Bybit's limits; 0 switches them off */
  rateLimitScale: z.number().min(0).max(1_000).default(1),
  /** delay of each acknowledgement on a socket; private events of a request follow after twice as long */
  ackDelayMs: z.number().int().min(1).max(1_000).default(5),
  /** market ms until a closed order appears in order/history */
  historyLagMs: z.number().int().min(0).max(DAY_MS).default(0),
  /** every order is filled in up to this many parts; absent: in one */
  partialFillParts: z.number().int().min(2).max(20).optional(),
  faults: faultPlanSchema.default(NO_FAULTS),
  entriesPerSnapshot: z.number().int().min(1).max(1_000_000).default(2_000),
  /** private and trade sockets are cut when nothing came in for this long */
  socketIdleMs: z.number().int().min(100).max(3_600_000).default(600_000),
  /** public endpoints of the relayed exchange, for live */
  upstreamRestUrl: z.url().default('https://api.bybit.com'),
  upstreamWsUrl: z.url().default('wss://stream.bybit.com'),
});

export type SimulatorOptions = z.output<typeof simulatorOptionsSchema>;
export type SimulatorOptionsInput = z.input<typeof simulatorOptionsSchema>;

/** Throws 10002 with the first option that cannot be. */
export function parseSimulatorOptions(input: SimulatorOptionsInput): SimulatorOptions {
  const parsed = simulatorOptionsSchema.safeParse(input);
  if (parsed.success) return withoutContradiction(parsed.data);
  const issue = parsed.error.issues[0];
  throw new BotError(10002, `Simulator option ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`, { fix: 'Correct the option; --help lists all of them' });
}

function withoutContradiction(options: SimulatorOptions): SimulatorOptions {
  if (options.data === undefined || options.market === 'replay') return options;
  throw new BotError(10002, `A ${options.market} market plays no recorded candles`, { fix: 'Leave out --data, or give --market replay' });
}
