/** `npm run record-histories`: the same servers as the tests, one file that writes instead of judging. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/replay/record-histories.ts'],
    globalSetup: ['test/support/global-temporal.ts', 'test/support/global-postgres.ts'],
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
