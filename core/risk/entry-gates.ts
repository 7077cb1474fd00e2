/**
 * Every entry rule that can be judged without a signal, for one strategy, now: what `risk/debug` shows. It asks the same
 * questions as the rules of `decideEntry`; where those need a price, the largest position that would be sized is assumed.
 *
 * Invariants
 * 1. A gate that is closed names the refusal's code and what opens it.
 * 2. `mayTrade` is true exactly when every gate passes.
 */
import type { ErrorCode } from '../errors/catalogue.js';
import { dec, Decimal, ZERO, type DecimalString } from '../money/decimal.js';
import type { Position, Wallet } from '../orders/order.js';
import type { Gate, StrategyGates } from './gate.js';
import { MINUTE_MS, type RiskLimits } from './risk-limits.js';
import { dayLossBudget, dayPnl, drawdownPercent, type RiskState } from './risk-state.js';
import type { PausedBy } from './self-pause.js';

export interface GateInput {
  lifecycle: 'starting' | 'running' | 'paused' | 'stopped';
  /** why the bot is in that state */
  reason: string;
  pausedBy: PausedBy | null;
  halt: { haltId: string; reason: string } | null;
  /** why exchange, ledger and bot do not agree; null when they do */
  disagreement: string | null;
  risk: RiskState;
  limits: RiskLimits;
  /** undefined before the first decision */
  wallet: Pick<Wallet, 'equity' | 'available'> | undefined;
  /** as the exchange showed them at the newest decision */
  positions: readonly Pick<Position, 'symbol' | 'size' | 'positionValue'>[];
  /** exchange ms of the newest decision */
  nowMs: number;
}

export interface GatedStrategy {
  name: string;
  symbol: string;
  enabled: boolean;
  problem: { code: ErrorCode; message: string } | null;
}

interface Closed { code: ErrorCode; message: string; remedy: string }
type Judge = (input: GateInput, strategy: GatedStrategy) => { open: string } | Closed;

export function gatesOf(input: GateInput, strategy: GatedStrategy): StrategyGates {
  const gates = Object.entries(JUDGES).map(([rule, judge]): Gate => {
    const word = judge(input, strategy);
    return 'open' in word ? { rule, passes: true, code: null, message: word.open, remedy: null } : { rule, passes: false, ...word };
  });
  return { strategy: strategy.name, symbol: strategy.symbol, enabled: strategy.enabled, mayTrade: gates.every(({ passes }) => passes), gates };
}

const enabled: Judge = (_, { name, enabled: isEnabled }) => isEnabled
  ? { open: `${name} is enabled` }
  : { code: 20009, message: `${name} is disabled: no entries, exits go on`, remedy: `POST /api/v1/strategies/${name}/enable` };

const halt: Judge = ({ halt: held }) => held === null
  ? { open: 'the emergency latch is not set' }
  : { code: 10009, message: `emergency stop ${held.haltId}: ${held.reason}`, remedy: `npx bot release ${held.haltId} --reason TEXT, once the cause is dealt with` };

const LIFECYCLE_REMEDY: Record<PausedBy, string> = {
  operator: 'POST /api/v1/bot/resume',
  daily_loss_limit: 'wait for the next UTC day, or POST /api/v1/risk/reset-daily-limits',
  max_drawdown: 'review the strategies, then POST /api/v1/bot/resume',
};

const lifecycle: Judge = ({ lifecycle: state, reason, pausedBy, halt: held }) => {
  if (state === 'running') return { open: 'the bot is running' };
  const remedy = held !== null ? `npx bot release ${held.haltId} --reason TEXT, then npx bot resume`
    : state === 'starting' ? 'wait until the first candle was dealt with' : LIFECYCLE_REMEDY[pausedBy ?? 'operator'];
  return { code: pausedBy === 'daily_loss_limit' ? 10010 : 20009, message: `the bot is ${state}: ${reason}`, remedy };
};

const agreement: Judge = ({ disagreement }) => disagreement === null
  ? { open: 'exchange, ledger and bot agree' }
  : { code: 20009, message: `exchange, ledger and bot do not agree: ${disagreement}`, remedy: 'wait for the next candle; a position that is not the bot\'s: POST /api/v1/positions/{symbol}/close' };

const marketData: Judge = (_, { name, problem }) => problem === null
  ? { open: 'its candles were complete at its last evaluation' }
  : { code: problem.code, message: problem.message, remedy: `POST /api/v1/strategies/restart with {"strategy_name": "${name}"}` };

const dailyLossLimit: Judge = ({ risk, wallet, limits }) => {
  if (wallet === undefined) return NOTHING_SEEN;
  const left = dayLossBudget(risk, wallet.equity, limits);
  const words = `${dayPnl(risk, wallet.equity).toFixed()} USDT today of ${risk.dayStartEquity ?? wallet.equity} USDT start equity; the limit is ${limits.dailyLossLimitPercent}%`;
  if (!risk.dailyLossLimitHit && left.gt(0)) return { open: `${words}, ${left.toFixed()} USDT left` };
  return { code: 10010, message: `${words} and was reached`, remedy: LIFECYCLE_REMEDY.daily_loss_limit };
};

const dailyLossBudget: Judge = ({ risk, wallet, limits }) => {
  if (wallet === undefined) return NOTHING_SEEN;
  const left = dayLossBudget(risk, wallet.equity, limits);
  const atRisk = sum(Object.values(risk.exposures).map(({ riskAtStop }) => riskAtStop));
  const words = `${atRisk.toFixed()} USDT at risk at the stops of open positions, ${left.toFixed()} USDT may still be lost today`;
  if (atRisk.lt(left)) return { open: words };
  return { code: 10010, message: words, remedy: 'wait until a position is closed or the next UTC day begins, or POST /api/v1/risk/reset-daily-limits' };
};

const maxDrawdown: Judge = ({ risk, wallet, limits }) => {
  if (wallet === undefined) return NOTHING_SEEN;
  const percent = drawdownPercent(risk, wallet.equity);
  const words = `equity ${wallet.equity} USDT, ${percent.toFixed(2)}% below its peak of ${risk.peakEquity ?? wallet.equity} USDT; the maximum is ${limits.maxDrawdownPercent}%`;
  if (!risk.maxDrawdownHit && percent.lt(dec(limits.maxDrawdownPercent))) return { open: words };
  return { code: 20009, message: `${words} and was reached`, remedy: LIFECYCLE_REMEDY.max_drawdown };
};

const cooldown: Judge = ({ risk, nowMs }, { symbol }) => {
  const untilMs = risk.cooldownUntilMs[symbol] ?? 0;
  if (nowMs >= untilMs) return { open: `${symbol} does not cool down` };
  const minutes = Math.ceil((untilMs - nowMs) / MINUTE_MS);
  return { code: 20009, message: `${symbol} cools down after a stop for another ${minutes} minutes`, remedy: `wait until ${new Date(untilMs).toISOString()}` };
};

const onePositionPerSymbol: Judge = ({ risk, positions }, { symbol }) => {
  const held = Object.values(risk.exposures).find((exposure) => exposure.symbol === symbol);
  const foreign = openPositions(positions).find((position) => position.symbol === symbol);
  if (held === undefined && foreign === undefined) return { open: `no position in ${symbol}` };
  const message = held ? `${symbol} is held by trade ${held.tradeId} of ${held.strategy}` : `the exchange holds ${foreign?.size ?? '?'} ${symbol}`;
  return { code: 20010, message: `${message}; one position per symbol`, remedy: `wait until it is closed, or POST /api/v1/positions/${symbol}/close` };
};

const maxPositions: Judge = ({ risk, positions, limits }) => {
  const symbols = new Set([...Object.values(risk.exposures), ...openPositions(positions)].map(({ symbol }) => symbol));
  const words = `${symbols.size} of ${limits.maxPositions} positions are open or being opened`;
  return symbols.size < limits.maxPositions ? { open: words } : { code: 20005, message: words, remedy: 'wait until a position is closed, or raise trading.max_positions' };
};

const maxTotalExposure: Judge = ({ risk, positions, limits, wallet }) => {
  if (wallet === undefined) return NOTHING_SEEN;
  const cap = dec(wallet.equity).times(dec(limits.maxTotalExposurePercent)).div(100);
  const held = heldTotal({ risk, positions });
  const wanted = wantedNotional(limits, wallet.equity) ?? ZERO;
  const words = `${held.toFixed()} USDT held, up to ${wanted.toFixed()} USDT wanted; the cap is ${cap.toFixed()} USDT (${limits.maxTotalExposurePercent}% of equity)`;
  if (held.plus(wanted).lte(cap) && held.lt(cap)) return { open: words };
  return { code: 20005, message: words, remedy: 'wait until a position is closed, lower trading.max_position_size or raise trading.max_total_exposure_percent' };
};

const margin: Judge = ({ limits, wallet }) => {
  if (wallet === undefined) return NOTHING_SEEN;
  const available = dec(wallet.available);
  const needed = (wantedNotional(limits, wallet.equity) ?? ZERO).div(dec(limits.leverage));
  const words = `${wallet.available} USDT are free, a position of the configured size needs about ${needed.toFixed(2)} USDT of margin`;
  if (available.gt(0) && needed.lte(available)) return { open: words };
  return { code: 20001, message: words, remedy: 'deposit USDT, close a position or lower trading.max_position_size' };
};

const NOTHING_SEEN: Closed = { code: 40001, message: 'no wallet was seen yet', remedy: 'wait until the first candle was dealt with' };

/** In the order in which they are asked. */
const JUDGES: Record<string, Judge> = {
  enabled, halt, lifecycle, agreement, market_data: marketData, daily_loss_limit: dailyLossLimit, max_drawdown: maxDrawdown, cooldown,
  one_position_per_symbol: onePositionPerSymbol, max_positions: maxPositions, max_total_exposure: maxTotalExposure,
  daily_loss_budget: dailyLossBudget, margin,
};

/** USDT: the notional that every position is sized to; undefined when it takes a price to say (unit `base`). */
function wantedNotional(limits: RiskLimits, equity: DecimalString): Decimal | undefined {
  const size = dec(limits.maxPositionSize);
  switch (limits.positionSizeUnit) {
    case 'percent':
      return dec(equity).times(size).div(100);
    case 'usdt':
      return size;
    case 'base':
      return undefined;
  }
}

function heldTotal({ risk, positions }: Pick<GateInput, 'risk' | 'positions'>): Decimal {
  const exposures = Object.values(risk.exposures);
  const foreign = openPositions(positions).filter(({ symbol }) => !exposures.some((exposure) => exposure.symbol === symbol));
  return sum([...exposures.map(({ notional }) => notional), ...foreign.map(({ positionValue }) => positionValue)]);
}

function openPositions<P extends Pick<Position, 'size'>>(positions: readonly P[]): P[] {
  return positions.filter(({ size }) => !dec(size).isZero());
}

function sum(amounts: readonly DecimalString[]): Decimal {
  return amounts.reduce((total, amount) => total.plus(dec(amount)), new Decimal(0));
}
