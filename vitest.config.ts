import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/drills/**', 'test/bench/**', 'test/fixtures/**', 'node_modules/**'],
    globalSetup: ['test/support/global-temporal.ts', 'test/support/global-postgres.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    retry: 0,
    reporters: ['default'],
  },
});
