/** The entry of the workflow bundle, and the only barrel of the project. */
export { closePosition } from './close-position.js';
export { databaseTroubleshooting } from './runbooks/database-troubleshooting.js';
export { emergencyShutdown } from './emergency-shutdown.js';
export { feedLease } from './feed-lease.js';
export { gracefulRestart } from './runbooks/graceful-restart.js';
export { keepEmergencyRecord } from './emergency/keep-emergency-record.js';
export { keepRunRecord } from './runbooks/keep-run-record.js';
export { planRunbook } from './runbooks/plan-runbook.js';
export { releaseEmergency } from './runbooks/release-emergency.js';
export { reconcileBalance } from './runbooks/reconcile-balance.js';
export { recoverTradeHistory } from './runbooks/recover-trade-history.js';
export { runbookDesk } from './runbooks/runbook-desk.js';
export { saveState } from './runbooks/save-state.js';
export { trade } from './trade.js';
export { tradingBot } from './trading-bot.js';
