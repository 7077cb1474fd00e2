/**
 * The environment of the processes: the only reader of `process.env`. Each process has one function that returns its
 * settings, typed and complete, or throws a `BotError` 10002 that names every wrong variable at once.
 *
 * Invariants
 * 1. Values of variables never appear in an error: one of them may be a secret that was put in the wrong place.
 * 2. `secrets` holds every secret value that a process was given, for the logger to scrub.
 */
import { z } from 'zod';
import { BotError } from '../core/errors/bot-error.js';
import { environmentOfStack } from './stack-note.js';

export const LOG_LEVELS = ['debug', 'info', 'warning', 'error', 'critical'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Environment = Readonly<Record<string, string | undefined>>;

const text = z.string().min(1);
const port = z.string().regex(/^\d{1,5}$/).transform(Number).pipe(z.int().min(0).max(65_535));
const url = (...schemes: string[]) => z.string().refine((value) => hasScheme(value, schemes), { params: { wanted: `a URL that starts with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}` } });
const hostAndPort = z.string().regex(/^[^\s:/]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/);

const commonVariables = {
  TEMPORAL_ADDRESS: hostAndPort,
  TEMPORAL_NAMESPACE: text.default('default'),
  DATABASE_URL: url('postgres:', 'postgresql:'),
  BOT_CONFIG: text,
  BOT_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  BOT_INSTANCE: z.string().regex(/^[A-Za-z0-9_-]{1,40}$/).default('1'),
  BOT_MARKET: z.string().max(200).default('not named'),
};

/** Whom an emergency notifies. The names are the maintenance guide's. */
const notificationVariables = {
  TWILIO_SID: text.optional(),
  TWILIO_TOKEN: text.optional(),
  TWILIO_FROM: text.optional(),
  EMERGENCY_PHONE: text.optional(),
  TWILIO_API_URL: url('http:', 'https:').default('https://api.twilio.com'),
  EMERGENCY_WEBHOOK_URL: url('http:', 'https:').optional(),
};

const workerVariables = z.object({
  ...commonVariables,
  ...notificationVariables,
  REDIS_URL: url('redis:', 'rediss:').optional(),
  BYBIT_REST_URL: url('http:', 'https:').optional(),
  BYBIT_WS_URL: url('ws:', 'wss:').optional(),
  BYBIT_API_KEY: text,
  BYBIT_API_SECRET: text,
  BOT_DATA_DIR: text,
});

/** For the emergency: the API acts on the exchange itself when Temporal does not. Without them it cannot, and says so. */
const exchangeVariables = {
  BYBIT_REST_URL: url('http:', 'https:').optional(),
  BYBIT_WS_URL: url('ws:', 'wss:').optional(),
  BYBIT_API_KEY: text.optional(),
  BYBIT_API_SECRET: text.optional(),
};

const apiVariables = z.object({
  ...commonVariables,
  ...notificationVariables,
  ...exchangeVariables,
  BOT_API_HOST: text.default('127.0.0.1'),
  BOT_API_PORT: port.default(8080),
  BOT_LOG_FILE: text.optional(),
  BOT_DATA_DIR: text,
});

const WANTED: Record<string, string> = {
  TEMPORAL_ADDRESS: 'host:port of the Temporal server, for example 127.0.0.1:7233',
  BOT_CONFIG: 'the path of the JSON configuration file',
  BOT_LOG_LEVEL: `one of ${LOG_LEVELS.join(', ')}`,
  BOT_INSTANCE: '1 to 40 characters of A-Z, a-z, 0-9, _ and -',
  BOT_MARKET: 'at most 200 characters',
  BYBIT_API_KEY: 'the API key of the exchange account',
  BYBIT_API_SECRET: 'the API secret of the exchange account',
  BOT_DATA_DIR: 'the path of the data directory',
  BOT_MODE: 'one of paper, demo, testnet, live',
  BOT_API_PORT: 'a port from 0 to 65535 (0 picks a free one)',
};

interface ProcessSettings {
  temporal: { address: string; namespace: string };
  databaseUrl: string;
  configPath: string;
  logLevel: LogLevel;
  instance: string;
  /** plain words on where prices come from */
  market: string;
  secrets: readonly string[];
}

/** undefined: not configured */
export interface NotificationSettings {
  twilio: { accountSid: string; token: string; from: string; to: string; baseUrl: string } | undefined;
  webhookUrl: string | undefined;
}

export interface ExchangeAccess {
  credentials: { key: string; secret: string };
  /** addresses of the simulated exchange; undefined outside paper mode */
  exchangeUrls: { rest: string; websocket: string } | undefined;
}

export interface WorkerSettings extends ProcessSettings {
  notifications: NotificationSettings;
  /** addresses of the simulated exchange; absent outside paper mode */
  exchangeUrls: { rest: string; websocket: string } | undefined;
  credentials: { key: string; secret: string };
  dataDir: string;
  /** absent: what is cached stays in the memory of the process */
  redisUrl: string | undefined;
}

export interface ApiSettings extends ProcessSettings {
  host: string;
  /** 0 picks a free port */
  port: number;
  /** where the supervisor of the processes writes their output; absent: nowhere that the API could read it */
  logFile: string | undefined;
  /** for the emergency latch and snapshots of the state */
  dataDir: string;
  notifications: NotificationSettings;
  /** undefined: this process has no key, and cannot act on the exchange in an emergency */
  exchange: ExchangeAccess | undefined;
}

/** Settings of the trading and the maintenance worker. */
export function readWorkerSettings(env: Environment = process.env): WorkerSettings {
  const variables = parse(workerVariables, env);
  const { BYBIT_REST_URL: rest, BYBIT_WS_URL: websocket } = variables;
  if ((rest === undefined) !== (websocket === undefined)) {
    throw new BotError(10002, 'BYBIT_REST_URL and BYBIT_WS_URL belong together: only one of them is set', {
      fix: 'set both (paper mode) or neither (demo, testnet, live)',
    });
  }
  return {
    ...processSettings(variables, [variables.BYBIT_API_KEY, variables.BYBIT_API_SECRET, ...(variables.REDIS_URL === undefined ? [] : passwordOf(variables.REDIS_URL)), ...notificationSecrets(variables)]),
    notifications: notificationSettings(variables),
    exchangeUrls: rest === undefined || websocket === undefined ? undefined : { rest, websocket },
    credentials: { key: variables.BYBIT_API_KEY, secret: variables.BYBIT_API_SECRET },
    dataDir: variables.BOT_DATA_DIR,
    redisUrl: variables.REDIS_URL,
  };
}

export function readApiSettings(env: Environment = process.env): ApiSettings {
  const variables = parse(apiVariables, env);
  const exchange = exchangeAccess(variables);
  const inherited = [variables.BYBIT_API_KEY, variables.BYBIT_API_SECRET].filter((value) => value !== undefined);
  return {
    ...processSettings(variables, [...inherited, ...notificationSecrets(variables)]), host: variables.BOT_API_HOST, port: variables.BOT_API_PORT, logFile: variables.BOT_LOG_FILE,
    dataDir: variables.BOT_DATA_DIR, notifications: notificationSettings(variables), exchange,
  };
}

type NotificationVariables = z.output<z.ZodObject<typeof notificationVariables>>;

function notificationSettings({ TWILIO_SID: accountSid, TWILIO_TOKEN: token, TWILIO_FROM: from, EMERGENCY_PHONE: to, TWILIO_API_URL: baseUrl, EMERGENCY_WEBHOOK_URL: webhookUrl }: NotificationVariables): NotificationSettings {
  const complete = accountSid !== undefined && token !== undefined && from !== undefined && to !== undefined;
  return { twilio: complete ? { accountSid, token, from, to, baseUrl } : undefined, webhookUrl };
}

function notificationSecrets({ TWILIO_TOKEN: token, EMERGENCY_WEBHOOK_URL: webhook }: NotificationVariables): string[] {
  return [token, webhook].filter((value) => value !== undefined);
}

function exchangeAccess({ BYBIT_API_KEY: key, BYBIT_API_SECRET: secret, BYBIT_REST_URL: rest, BYBIT_WS_URL: websocket }: z.output<z.ZodObject<typeof exchangeVariables>>): ExchangeAccess | undefined {
  if (key === undefined || secret === undefined) return undefined;
  return { credentials: { key, secret }, exchangeUrls: rest === undefined || websocket === undefined ? undefined : { rest, websocket } };
}

const MODES = ['paper', 'demo', 'testnet', 'live'] as const;

/** What the emergency needs when nothing else is there: as little as possible. */
const emergencyVariables = z.object({
  ...notificationVariables,
  ...exchangeVariables,
  BOT_CONFIG: text.optional(),
  BOT_DATA_DIR: text,
  BOT_MODE: z.enum(MODES).optional(),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  BOT_LOG_LEVEL: z.enum(LOG_LEVELS).default('critical'),
});

export interface EmergencySettings {
  notifications: NotificationSettings;
  exchange: ExchangeAccess | undefined;
  configPath: string | undefined;
  /** what the exchange is, when no configuration says it */
  mode: (typeof MODES)[number] | undefined;
  dataDir: string;
  /** undefined: only the latch file is set */
  databaseUrl: string | undefined;
  logLevel: LogLevel;
  secrets: readonly string[];
}

/** Settings of the emergency stop that is started from a command line, with everything else down. */
export function readEmergencySettings({ dataDir: named, env = process.env }: { dataDir?: string; env?: Environment } = {}): EmergencySettings {
  const directory = named ?? env['BOT_DATA_DIR'] ?? 'data';
  const variables = parse(emergencyVariables, { ...environmentOfStack(directory), ...given(env), BOT_DATA_DIR: directory });
  const { BOT_CONFIG: configPath, BOT_MODE: mode, BOT_DATA_DIR: dataDir, DATABASE_URL: databaseUrl, BOT_LOG_LEVEL: logLevel, BYBIT_API_KEY: key, BYBIT_API_SECRET: secret } = variables;
  const secrets = [...[key, secret].filter((value) => value !== undefined), ...(databaseUrl === undefined ? [] : passwordOf(databaseUrl)), ...notificationSecrets(variables)];
  return { notifications: notificationSettings(variables), exchange: exchangeAccess(variables), configPath, mode, dataDir, databaseUrl, logLevel, secrets };
}

/** An empty variable counts as absent: that is how shells and compose files unset one. */
function given(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
}

function processSettings(variables: z.output<z.ZodObject<typeof commonVariables>>, keys: readonly string[]): ProcessSettings {
  return {
    temporal: { address: variables.TEMPORAL_ADDRESS, namespace: variables.TEMPORAL_NAMESPACE },
    databaseUrl: variables.DATABASE_URL,
    configPath: variables.BOT_CONFIG,
    logLevel: variables.BOT_LOG_LEVEL,
    instance: variables.BOT_INSTANCE,
    market: variables.BOT_MARKET,
    secrets: [...keys, ...passwordOf(variables.DATABASE_URL)],
  };
}

function parse<S extends z.ZodObject>(schema: S, env: Environment): z.output<S> {
  const present = given(env);
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  const findings = result.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    const wanted = WANTED[name] ?? (issue.code === 'custom' ? String(issue.params?.['wanted']) : `a value for ${name}`);
    return present[name] === undefined ? `${name} is not set: give ${wanted}` : `${name} has a wrong value: give ${wanted}`;
  });
  throw new BotError(10002, `environment: ${findings.join('; ')}`, { fix: `set ${result.error.issues.map((issue) => String(issue.path[0])).join(', ')} in the environment of this process` });
}

function hasScheme(value: string, schemes: readonly string[]): boolean {
  return URL.canParse(value) && schemes.includes(new URL(value).protocol);
}

function passwordOf(databaseUrl: string): string[] {
  const { password } = new URL(databaseUrl);
  return password === '' ? [] : [decodeURIComponent(password)];
}
