/** The entry of the workflow bundle, and the only barrel of the project. */
export { backup } from './runbooks/backup.js';
export { closePosition } from './close-position.js';
export { databaseRecovery } from './runbooks/database-recovery.js';
export { emergencyShutdown } from './emergency-shutdown.js';
export { feedLease } from './feed-lease.js';
export { gracefulRestart } from './runbooks/graceful-restart.js';
export { keepEmergencyRecord } from './emergency/keep-emergency-record.js';
export { keepRunRecord } from './runbooks/keep-run-record.js';
export { planRunbook } from './runbooks/plan-runbook.js';
export { pruneBackups } from './runbooks/prune-backups.js';
export { recoverTradeHistory } from './runbooks/recover-trade-history.js';
export { restoreState } from './runbooks/restore-state.js';
export { runbookDesk } from './runbooks/runbook-desk.js';
export { saveState } from './runbooks/save-state.js';
export { trade } from './trade.js';
export { tradingBot } from './trading-bot.js';
export { verifyBackup } from './runbooks/verify-backup.js';
