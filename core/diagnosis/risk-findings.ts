/** Causes that risk gives: limits of the whole account first, then the gates of single strategies, equal ones put together. */
import type { GateFacts, RiskFacts } from './facts.js';
import type { Cause, DiagnosisFinding, Weight } from './finding.js';
import { callNamedIn, curlOf, type ApiCall } from './remedy.js';

/** Rules that a finding about the whole bot or the strategy itself tells already, with more detail than a gate has. */
const TOLD_ELSEWHERE = ['lifecycle', 'halt', 'agreement', 'enabled', 'market_data'];

export function riskFindings(risk: RiskFacts, apiUrl: string): DiagnosisFinding[] {
  return [...dailyLoss(risk, apiUrl), ...drawdown(risk, apiUrl), ...gateFindings(risk, apiUrl)];
}

function dailyLoss(risk: RiskFacts, apiUrl: string): DiagnosisFinding[] {
  if (!risk.dailyLossLimitHit) return [];
  const { dayPnl = '?', dayStartEquity = '?', limits, resetsAtMs } = risk;
  return [{
    cause: 'risk_limits', weight: 'blocking', code: 10010, strategies: [],
    message: `the daily loss limit of ${limits.dailyLossLimitPercent}% is reached: the day's result is ${dayPnl} USDT of ${dayStartEquity} USDT at the start of the day`,
    remedy: `wait until ${new Date(resetsAtMs).toISOString()} (trading time), or reset the limit if a further loss of that size is acceptable: the bot then goes on by itself`,
    call: curlOf(apiUrl, { method: 'POST', path: '/api/v1/risk/reset-daily-limits', body: { reason: 'why a further loss is acceptable' } }),
  }];
}

function drawdown(risk: RiskFacts, apiUrl: string): DiagnosisFinding[] {
  if (!risk.maxDrawdownHit) return [];
  const { drawdownPercent = '?', peakEquity = '?' } = risk;
  return [{
    cause: 'risk_limits', weight: 'blocking', code: 20009, strategies: [],
    message: `the largest drawdown allowed is reached: equity is ${drawdownPercent}% below its peak of ${peakEquity} USDT`,
    remedy: 'review the strategies, then resume: the drawdown is then measured from the present equity',
    call: curlOf(apiUrl, { method: 'POST', path: '/api/v1/bot/resume', body: { reason: 'why trading may go on below the peak' } }),
  }];
}

interface ClosedGate extends GateFacts {
  strategies: string[];
}

function gateFindings({ strategies, dailyLossLimitHit, maxDrawdownHit }: RiskFacts, apiUrl: string): DiagnosisFinding[] {
  const told = new Set([...TOLD_ELSEWHERE, ...(dailyLossLimitHit ? ['daily_loss_limit'] : []), ...(maxDrawdownHit ? ['max_drawdown'] : [])]);
  const closed = new Map<string, ClosedGate>();
  for (const { strategy, gates } of strategies) {
    for (const gate of gates) {
      if (gate.passes || told.has(gate.rule)) continue;
      const key = `${gate.code ?? ''} ${gate.message}`;
      closed.set(key, { ...gate, strategies: [...new Set([...(closed.get(key)?.strategies ?? []), strategy])] });
    }
  }
  return [...closed.values()].map((gate) => ofGate(gate, { apiUrl, known: strategies.length }));
}

function ofGate(gate: ClosedGate, { apiUrl, known }: { apiUrl: string; known: number }): DiagnosisFinding {
  const cause = causeOfGate(gate);
  const concernsAll = gate.strategies.length === known;
  return {
    cause, weight: weightOf(cause, concernsAll), code: gate.code, message: gate.message,
    strategies: concernsAll ? [] : gate.strategies,
    remedy: gate.remedy ?? REMEDIES[cause]?.words ?? 'wait, or review the limits in the configuration',
    call: curlOf(apiUrl, callNamedIn(gate.remedy ?? '') ?? REMEDIES[cause]?.call ?? { method: 'GET', path: '/api/v1/risk/debug' }),
  };
}

/** The code says more than the rule: the catalogue's 4xxxx are data, 20001 and 20003 are money that does not suffice. */
function causeOfGate({ rule, code }: GateFacts): Cause {
  if (rule === 'one_position_per_symbol') return 'position_open';
  if (code === 20001 || code === 20003) return 'insufficient_balance';
  if (code === 20002 || code === 20004 || code === 20008 || (code !== null && code >= 40_000)) return 'market_data';
  return 'risk_limits';
}

function weightOf(cause: Cause, concernsAll: boolean): Weight {
  if (cause === 'position_open') return 'explaining';
  return concernsAll ? 'blocking' : 'limiting';
}

const REMEDIES: Partial<Record<Cause, { words: string; call: ApiCall }>> = {
  position_open: { words: 'it exits by its own rules; to end it now, close the position', call: { method: 'GET', path: '/api/v1/positions/active' } },
  insufficient_balance: { words: 'transfer USDT to the account, close a position, or lower max_position_size', call: { method: 'GET', path: '/api/v1/account/balance' } },
  market_data: { words: 'check that the feed is connected; missing candles are fetched by themselves', call: { method: 'GET', path: '/api/v1/data/debug' } },
};
