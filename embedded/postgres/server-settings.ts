/**
 * The server's settings, rewritten at every start. An operator's own go into `operator.conf` in the cluster, which is
 * read last and never touched.
 */

export interface SettingsInput {
  logs: string;
  /** undefined: no Unix socket */
  sockets: string | undefined;
  /** guide, "Database Connection Errors": 256 MB */
  sharedBuffersMb: number;
  /** false: a loss of power can destroy the database; only for databases that tests throw away */
  durable: boolean;
  preloadStatistics: boolean;
}

export const SETTINGS_FILE = 'trading-bot.conf';
export const OPERATOR_FILE = 'operator.conf';

/** Linux sun_path is 108 bytes with its final zero, and the server adds `/.s.PGSQL.<port>.lock`. */
const SOCKET_PATH_MAX_BYTES = 107;
const SOCKET_NAME = '/.s.PGSQL.65535.lock';

export function socketFits(directory: string): boolean {
  return Buffer.byteLength(directory + SOCKET_NAME) <= SOCKET_PATH_MAX_BYTES;
}

export function renderSettings(input: SettingsInput): string {
  const durability = input.durable ? 'on' : 'off';
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: input.sockets ?? '',
    unix_socket_permissions: '0700',
    // Guide, "Database Connection Errors": max_connections = 200.
    max_connections: '200',
    shared_buffers: `${input.sharedBuffersMb}MB`,
    huge_pages: 'off',
    fsync: durability,
    // Also for throw-away databases: what was acknowledged survives the death of the server's processes.
    synchronous_commit: 'on',
    full_page_writes: durability,
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    // Short statements only: compiling them costs more than it saves.
    jit: 'off',
    shared_preload_libraries: input.preloadStatistics ? 'pg_stat_statements' : '',
    // One file per weekday, overwritten after a week: the logs are bounded without anybody rotating them.
    logging_collector: 'on',
    log_directory: input.logs,
    log_filename: 'postgresql-%a.log',
    log_file_mode: '0600',
    log_truncate_on_rotation: 'on',
    log_rotation_age: '1d',
    log_rotation_size: '0',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %q%u@%d ',
    log_min_duration_statement: '1000',
    log_lock_waits: 'on',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${quote(value)}`);
  return `# Written at every start. Own settings belong into ${OPERATOR_FILE}, which is read after this file.\n${lines.join('\n')}\n`;
}

function quote(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
