/** Whether the wallet can carry the next position, before any strategy asks: "insufficient balance" without a refused order. */
import { dec, type Decimal } from '../money/decimal.js';
import type { RiskLimits } from '../risk/risk-limits.js';
import type { RiskFacts, WalletFacts } from './facts.js';
import type { DiagnosisFinding } from './finding.js';
import { curlOf } from './remedy.js';

const USDT_DIGITS = 2;

export function balanceFindings({ wallet, risk, apiUrl }: { wallet: WalletFacts; risk: RiskFacts | null; apiUrl: string }): DiagnosisFinding[] {
  const available = dec(wallet.available);
  const needed = risk === null ? undefined : marginOfNext(wallet, risk.limits);
  const isShort = available.lte(0) || (needed !== undefined && available.lt(needed));
  if (!isShort || risk?.strategies.some(({ gates }) => gates.some((gate) => !gate.passes && gate.code === 20001))) return [];
  const wanted = needed === undefined ? '' : `; the next position needs about ${needed.toFixed(USDT_DIGITS)} USDT of margin (max_position_size at leverage ${risk?.limits.leverage ?? '?'})`;
  return [{
    cause: 'insufficient_balance', weight: 'blocking', code: 20001, strategies: [],
    message: `${wallet.available} USDT are available of ${wallet.equity} USDT equity${wanted}`,
    remedy: 'transfer USDT to the account, close a position, or lower max_position_size',
    call: curlOf(apiUrl, { method: 'GET', path: '/api/v1/account/balance' }),
  }];
}

/** Every position is sized to the limit, so its margin is known beforehand; in base coin it would need a price. */
function marginOfNext(wallet: WalletFacts, { maxPositionSize, positionSizeUnit, leverage }: RiskLimits): Decimal | undefined {
  switch (positionSizeUnit) {
    case 'percent':
      return dec(wallet.equity).times(dec(maxPositionSize)).div(100).div(dec(leverage));
    case 'usdt':
      return dec(maxPositionSize).div(dec(leverage));
    case 'base':
      return undefined;
  }
}
