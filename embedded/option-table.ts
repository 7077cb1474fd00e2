/** The options of `npm start`, once: flag, environment variable, default, help and what a right value looks like. */

export type OptionKey =
  | 'dataDir' | 'config' | 'port' | 'temporalPort' | 'uiPort' | 'postgresPort' | 'simulatorPort'
  | 'market' | 'data' | 'speed' | 'seed' | 'from' | 'to' | 'headless';

export interface OptionRow {
  key: OptionKey;
  flag: string;
  /** absent: a switch */
  argument?: string;
  /** `BOT_MARKET` is not among them: it carries the plain words on the market to the processes */
  variable: string;
  fallback?: string;
  help: string;
  wanted: string;
}

const PORT_WANTED = 'a port from 0 to 65535 (0 picks a free one)';
const INSTANT_WANTED = 'a day or instant such as 2025-01-01 or 2025-01-01T12:00:00Z';

export const OPTION_TABLE: readonly OptionRow[] = [
  { key: 'dataDir', flag: '--data-dir', argument: 'dir', variable: 'BOT_DATA_DIR', fallback: 'data', help: 'everything that must survive a restart', wanted: 'the path of a folder' },
  { key: 'config', flag: '--config', argument: 'file', variable: 'BOT_CONFIG', fallback: 'config/default.json', help: 'the configuration', wanted: 'the path of a JSON file' },
  { key: 'port', flag: '--port', argument: 'port', variable: 'BOT_API_PORT', fallback: '8080', help: 'port of the API', wanted: PORT_WANTED },
  { key: 'temporalPort', flag: '--temporal-port', argument: 'port', variable: 'BOT_TEMPORAL_PORT', fallback: '7233', help: 'port of the Temporal server', wanted: PORT_WANTED },
  { key: 'uiPort', flag: '--ui-port', argument: 'port', variable: 'BOT_UI_PORT', fallback: '8233', help: 'port of the Temporal Web UI', wanted: PORT_WANTED },
  { key: 'postgresPort', flag: '--postgres-port', argument: 'port', variable: 'BOT_POSTGRES_PORT', fallback: '15432', help: 'port of PostgreSQL', wanted: PORT_WANTED },
  { key: 'simulatorPort', flag: '--simulator-port', argument: 'port', variable: 'BOT_SIMULATOR_PORT', fallback: '18080', help: 'port of the simulated exchange', wanted: PORT_WANTED },
  { key: 'market', flag: '--market', argument: 'source', variable: 'BOT_MARKET_SOURCE', help: 'paper mode: auto (live feed when it answers, else synthetic), live, replay or synthetic; default: what the data directory holds, else auto', wanted: 'auto, live, replay or synthetic' },
  { key: 'data', flag: '--data', argument: 'dir', variable: 'BOT_MARKET_DATA', help: 'replay: folder of recorded candles (.csv, .csv.gz)', wanted: 'the path of a folder' },
  { key: 'speed', flag: '--speed', argument: 'factor', variable: 'BOT_SPEED', help: 'replay, synthetic: times faster than real time, or max for lock-step with the bot', wanted: 'a number from 0.1 to 100000, or max' },
  { key: 'seed', flag: '--seed', argument: 'number', variable: 'BOT_SEED', help: 'synthetic: the same number makes the same market', wanted: 'a whole number of at most 9 digits' },
  { key: 'from', flag: '--from', argument: 'instant', variable: 'BOT_FROM', help: 'replay, synthetic: first instant that is traded, UTC', wanted: INSTANT_WANTED },
  { key: 'to', flag: '--to', argument: 'instant', variable: 'BOT_TO', help: 'replay, synthetic: the market ends here, UTC', wanted: INSTANT_WANTED },
  { key: 'headless', flag: '--headless', variable: 'BOT_HEADLESS', fallback: 'false', help: 'no Temporal Web UI', wanted: 'true or false' },
];
