/** The entry of the workflow bundle, and the only barrel of the project. */
export { feedLease } from './feed-lease.js';
export { trade } from './trade.js';
export { tradingBot } from './trading-bot.js';
