/** The unified account as Bybit's `account/wallet-balance` and `wallet` topic show it. Only USDT is held. */
import type { WalletRow } from '../../core/matching/contract.js';

export function restWallet(wallet: WalletRow): Record<string, unknown> {
  return {
    accountType: 'UNIFIED', totalEquity: wallet.equity, totalWalletBalance: wallet.walletBalance, totalMarginBalance: wallet.marginBalance,
    totalAvailableBalance: wallet.available, totalPerpUPL: wallet.unrealisedPnl, totalInitialMargin: wallet.totalInitialMargin,
    totalMaintenanceMargin: wallet.totalMaintenanceMargin, accountIMRate: wallet.accountIMRate, accountMMRate: wallet.accountMMRate,
    totalInitialMarginByMp: wallet.totalInitialMargin, totalMaintenanceMarginByMp: wallet.totalMaintenanceMargin,
    accountIMRateByMp: wallet.accountIMRate, accountMMRateByMp: wallet.accountMMRate, accountLTV: '0',
    coin: [{
      coin: 'USDT', equity: wallet.equity, usdValue: wallet.equity, walletBalance: wallet.walletBalance, locked: '0', spotHedgingQty: '0',
      borrowAmount: '0', accruedInterest: '0', totalOrderIM: wallet.totalOrderIM, totalPositionIM: wallet.totalPositionIM,
      totalPositionMM: wallet.totalMaintenanceMargin, unrealisedPnl: wallet.unrealisedPnl, cumRealisedPnl: wallet.cumRealisedPnl, bonus: '0',
      collateralSwitch: true, marginCollateral: true, availableToWithdraw: '', availableToBorrow: '', spotBorrow: '0',
    }],
  };
}
