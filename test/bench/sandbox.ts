/**
 * Stacks in folders of their own, with free ports. Invariant: whatever ends the benchmark, no process and no folder
 * of it is left.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processEnvironment, type ProcessEnvironment } from '../../config/process-environment.js';
import type { MarketWish } from '../../embedded/options.js';
import { quietReporter, type StackReporter } from '../../embedded/reporter.js';
import { startStack, type RunningStack } from '../../embedded/stack.js';
import { postgresVersion } from './machine.js';

/** What was killed may still be writing its last file. */
const REMOVAL = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 } as const;

export interface StackWish {
  dataDir: string;
  configPath: string;
  market: Partial<MarketWish>;
  reporter?: Partial<StackReporter>;
}

export interface Sandbox {
  /** a new empty folder; the database server may run as another user and must pass through */
  folder(name: string): Promise<string>;
  start(wish: StackWish): Promise<RunningStack>;
  stop(stack: RunningStack): Promise<void>;
  /** starts, runs, stops whatever happens */
  withStack<T>(wish: StackWish, use: (stack: RunningStack) => Promise<T>): Promise<T>;
  /** of the server that was measured; undefined before the first stack was stopped */
  postgresVersion(): string | undefined;
  /** kills what runs and removes what was written */
  clear(): Promise<void>;
}

const NO_MARKET: MarketWish = { source: undefined, data: undefined, speed: undefined, seed: undefined, from: undefined, to: undefined };
const ANY_PORTS = { api: 0, temporal: 0, ui: 0, postgres: 0, simulator: 0 };
/** These would put the benchmark onto servers that are not its own. */
const NOT_PASSED_ON = /^(BOT_|SIM_|BYBIT_|TEMPORAL_ADDRESS$|TEMPORAL_NAMESPACE$|DATABASE_URL$)/;

export function createSandbox(): Sandbox {
  const folders: string[] = [];
  const running = new Set<RunningStack>();
  const starting = new Set<Promise<RunningStack>>();
  let version: string | undefined;
  const sandbox: Sandbox = {
    async folder(name) {
      const folder = await mkdtemp(join(tmpdir(), `bench-${name}-`));
      folders.push(folder);
      return folder;
    },
    async start(wish) {
      const attempt = startStack({ options: optionsOf(wish), env: ownEnvironment(), reporter: { ...quietReporter, ...wish.reporter } });
      starting.add(attempt);
      const stack = await attempt.finally(() => starting.delete(attempt));
      running.add(stack);
      return stack;
    },
    postgresVersion: () => version,
    async stop(stack) {
      // A stack in trouble is stopped all the same; another one will tell its version.
      version ??= await postgresVersion(stack.databaseUrl).catch(() => undefined);
      await stack.stop();
      running.delete(stack);
    },
    async withStack(wish, use) {
      const stack = await sandbox.start(wish);
      try {
        return await use(stack);
      } finally {
        await sandbox.stop(stack);
      }
    },
    async clear() {
      const late = await Promise.allSettled(starting);
      const all = [...running, ...late.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))];
      await Promise.all([...new Set(all)].map((stack) => stack.stop({ force: true })));
      await Promise.all(folders.map((folder) => rm(folder, REMOVAL)));
    },
  };
  return sandbox;
}

function optionsOf({ dataDir, configPath, market }: StackWish): Parameters<typeof startStack>[0]['options'] {
  return { dataDir, configPath, ports: ANY_PORTS, market: { ...NO_MARKET, ...market }, headless: true };
}

function ownEnvironment(): ProcessEnvironment {
  return Object.fromEntries(Object.entries(processEnvironment()).filter(([name]) => !NOT_PASSED_ON.test(name)));
}
