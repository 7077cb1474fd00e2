/**
 * The catalogue of error codes: one definition serves code, API, docs, metrics and logs.
 * Codes, descriptions, severities and actions are those of the maintenance guide, "Error Codes Reference".
 * `retryable` says whether the same call may succeed later without anybody changing anything.
 */
export type Severity = 'info' | 'warning' | 'error' | 'critical';

export interface CatalogueEntry {
  description: string;
  severity: Severity;
  action: string;
  retryable: boolean;
}

export const CATALOGUE = {
  10001: { description: 'Configuration file not found', severity: 'critical', action: 'Check config file path', retryable: false },
  10002: { description: 'Invalid configuration format', severity: 'critical', action: 'Validate JSON syntax', retryable: false },
  10003: { description: 'Database connection failed', severity: 'critical', action: 'Check database status', retryable: true },
  10004: { description: 'Redis connection failed', severity: 'warning', action: 'Check Redis server', retryable: true },
  10005: { description: 'API key validation failed', severity: 'critical', action: 'Verify API credentials', retryable: false },
  10006: { description: 'Insufficient system resources', severity: 'warning', action: 'Check memory/CPU usage', retryable: true },
  10007: { description: 'Log file write permission denied', severity: 'warning', action: 'Check file permissions', retryable: false },
  10008: { description: 'Strategy initialization failed', severity: 'warning', action: 'Check strategy configuration', retryable: false },
  10009: { description: 'Emergency stop activated', severity: 'critical', action: 'Manual intervention required', retryable: false },
  10010: { description: 'Daily loss limit exceeded', severity: 'warning', action: 'Review risk settings', retryable: false },
  20001: { description: 'Insufficient balance', severity: 'warning', action: 'Check account balance', retryable: true },
  20002: { description: 'Invalid symbol', severity: 'error', action: 'Verify symbol format', retryable: false },
  20003: { description: 'Invalid order size', severity: 'error', action: 'Check minimum order size', retryable: false },
  20004: { description: 'Market closed', severity: 'info', action: 'Wait for market open', retryable: true },
  20005: { description: 'Position limit reached', severity: 'warning', action: 'Review position limits', retryable: true },
  20006: { description: 'Stop loss execution failed', severity: 'error', action: 'Manual position management', retryable: false },
  20007: { description: 'Order placement timeout', severity: 'warning', action: 'Check API connectivity', retryable: true },
  20008: { description: 'Price outside valid range', severity: 'error', action: 'Check price parameters', retryable: true },
  20009: { description: 'Risk management violation', severity: 'warning', action: 'Review risk rules', retryable: false },
  20010: { description: 'Strategy signal conflict', severity: 'warning', action: 'Review strategy logic', retryable: false },
  30001: { description: 'API rate limit exceeded', severity: 'warning', action: 'Reduce request frequency', retryable: true },
  30002: { description: 'API authentication failed', severity: 'critical', action: 'Check API credentials', retryable: false },
  30003: { description: 'API server unavailable', severity: 'error', action: 'Wait and retry', retryable: true },
  30004: { description: 'Invalid API request format', severity: 'error', action: 'Check request parameters', retryable: false },
  30005: { description: 'API response timeout', severity: 'warning', action: 'Check network connectivity', retryable: true },
  30006: { description: 'API maintenance mode', severity: 'info', action: 'Wait for maintenance completion', retryable: true },
  30007: { description: 'API version deprecated', severity: 'warning', action: 'Update API version', retryable: false },
  30008: { description: 'Account suspended', severity: 'critical', action: 'Contact exchange support', retryable: false },
  30009: { description: 'IP address blocked', severity: 'critical', action: 'Check IP whitelist', retryable: false },
  30010: { description: 'API key permissions insufficient', severity: 'error', action: 'Update API permissions', retryable: false },
  40001: { description: 'Missing price data', severity: 'warning', action: 'Refresh data feed', retryable: true },
  40002: { description: 'Data timestamp inconsistency', severity: 'error', action: 'Check data integrity', retryable: false },
  40003: { description: 'Corrupted data detected', severity: 'error', action: 'Re-download data', retryable: false },
  40004: { description: 'Data source unavailable', severity: 'warning', action: 'Check data provider', retryable: true },
  40005: { description: 'Historical data incomplete', severity: 'warning', action: 'Download missing data', retryable: true },
  40006: { description: 'Real-time feed disconnected', severity: 'error', action: 'Reconnect data feed', retryable: true },
  40007: { description: 'Data validation failed', severity: 'error', action: 'Check data quality', retryable: false },
  40008: { description: 'Database write failed', severity: 'error', action: 'Check database status', retryable: true },
  40009: { description: 'Data cache expired', severity: 'info', action: 'Refresh cache', retryable: true },
  40010: { description: 'Data format conversion error', severity: 'error', action: 'Check data parser', retryable: false },
} as const satisfies Record<number, CatalogueEntry>;

export type ErrorCode = keyof typeof CATALOGUE;

/** ascending */
export const ERROR_CODES: readonly ErrorCode[] = Object.keys(CATALOGUE).map((code) => Number(code) as ErrorCode);

/** The guide's four tables: 1xxxx, 2xxxx, 3xxxx, 4xxxx. */
export const ERROR_GROUPS = ['system', 'trading', 'api', 'data'] as const;
export type ErrorGroup = (typeof ERROR_GROUPS)[number];

export function catalogueEntry(code: ErrorCode): CatalogueEntry {
  return CATALOGUE[code];
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'number' && Object.hasOwn(CATALOGUE, value);
}

export function groupOf(code: ErrorCode): ErrorGroup {
  return ERROR_GROUPS[Math.floor(code / 10_000) - 1] ?? 'system';
}

/** The page that says what to do, from the root of the project. */
export function docsPathOf(code: ErrorCode): string {
  return `docs/errors/${code}.md`;
}
