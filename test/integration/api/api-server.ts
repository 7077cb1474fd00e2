/** The API on a free port of this machine, and a way to ask it that needs no more than a path. */
import { createLogTail } from '../../../adapters/host/log-tail.js';
import type { ApiDependencies } from '../../../api/api-dependencies.js';
import { createApi } from '../../../api/create-api.js';
import { listen } from '../../../api/listen.js';
import type { Problem } from '../../../api/problem.js';
import { createRedaction } from '../../../config/redaction.js';
import { BotError } from '../../../core/errors/bot-error.js';
import { silentLogger } from '../../support/silent-logger.js';

export interface Answer<T = unknown> {
  status: number;
  headers: Headers;
  text: string;
  json: T;
}

export interface ApiServer {
  port: number;
  ask<T = unknown>(path: string, init?: RequestInit): Promise<Answer<T>>;
  refused(path: string, init?: RequestInit): Promise<Answer<Problem>>;
  close(): Promise<void>;
}

/** What most tests of the API leave as it is; each test names what it is about. */
type Needed = 'ledger' | 'bot';
const NO_CONFIGURATION: ApiDependencies['configuration'] = { processSettings: {}, read: () => Promise.resolve({ kind: 'wrong', code: 10001, findings: [] }), redact: (value) => value };
const NO_ERRORS: ApiDependencies['errors'] = { life: 'test', counts: () => [], newest: () => [] };
/** as without a section `api` in the configuration */
const OPEN_ACCESS: ApiDependencies['access'] = { tokens: [], allowedHosts: [], requestsPerMinute: undefined };
const notHere = (): Promise<never> => Promise.reject(new BotError(10006, 'not part of this test'));
const NO_PLACES: Pick<ApiDependencies, 'workflows' | 'runbooks' | 'latch' | 'states' | 'backups' | 'redact' | 'emergency'> = {
  workflows: { links: (workflowId) => ({ workflowId, api: '', temporalUi: '' }), startEmergencyShutdown: notHere, describe: notHere, progress: notHere },
  runbooks: { plan: notHere, start: notHere, find: notHere, status: notHere, cancel: notHere, running: notHere },
  latch: { read: notHere, set: notHere, clear: notHere },
  states: { keep: notHere, read: notHere },
  backups: { storage: null, list: notHere, manifest: notHere },
  redact: createRedaction([]),
  emergency: {
    act: ({ haltId }) => ({ haltId, state: 'refused', sinceMs: 0, lines: ['not part of this test'], remaining: [], figures: {}, journal: null }),
    actUnless: () => undefined,
    standing: () => null,
  },
};
const NO_LOGS: Pick<ApiDependencies, 'logs'> = { logs: createLogTail(undefined) };
const OWN_PROCESS: ApiDependencies['ownProcess'] = {
  vitals: () => ({
    service: 'api', instance: '1', pid: process.pid, version: 'test', startedAtMs: 0, atMs: Date.now(), cpuPercent: 1, eventLoopDelayMs: { mean: 0, p99: 1, max: 2 },
    memory: { rss: 100 * 1024 * 1024, peakRss: 120 * 1024 * 1024, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 },
  }),
  limits: { maxMemoryMb: 1_000, cleanupThresholdMb: 800 },
};
const ORDINARY: Omit<ApiDependencies, Needed> = { ...NO_PLACES, ...NO_LOGS, probes: [], access: OPEN_ACCESS, configuration: NO_CONFIGURATION, clock: Date.now, mode: 'paper', market: 'none', logger: silentLogger, errors: NO_ERRORS, ownProcess: OWN_PROCESS };

type TestedDependencies = Pick<ApiDependencies, Needed> & Partial<ApiDependencies>;

export async function serveApi(dependencies: TestedDependencies): Promise<ApiServer> {
  const { port, close } = await listen(createApi({ ...ORDINARY, ...dependencies }), { host: '127.0.0.1', port: 0, asksForTokens: (dependencies.access ?? OPEN_ACCESS).tokens.length > 0 });
  const ask = async <T>(path: string, init: RequestInit = {}): Promise<Answer<T>> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, headers: response.headers, text, json: (isJson && text !== '' ? JSON.parse(text) : undefined) as T };
  };
  return { port, ask, refused: (path, init) => ask<Problem>(path, init), close };
}
