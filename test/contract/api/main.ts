/**
 * `npm run fuzz:api -- [--examples N] [--seed N] [--tokens]`: the campaign of openapi.test.ts in long form, thousands of requests in
 * all phases of Schemathesis. Prints the seed; with it the same requests come again. Exit code 0 or 1, 2 for a wrong option.
 */
import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { execa } from 'execa';

const SEED_MAX = 2 ** 31;

function count(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('give a whole number above 0');
  return number;
}

const { examples, seed, tokens } = new Command('npm run fuzz:api --')
  .option('--examples <number>', 'requests per operation and phase, at most', count, 100)
  .option('--seed <number>', 'decides the requests; absent: a new one', count)
  .option('--tokens', 'as an administrator of an API that asks for tokens', false)
  .parse().opts<{ examples: number; seed?: number; tokens: boolean }>();

const env = { FUZZ_EXAMPLES: String(examples), FUZZ_SEED: String(seed ?? randomInt(1, SEED_MAX)), ...(tokens ? { FUZZ_TOKENS: 'yes' } : {}) };
const { exitCode } = await execa('vitest', ['run', 'test/contract/api/openapi.test.ts'], { env, preferLocal: true, stdio: 'inherit', reject: false });
process.exitCode = exitCode ?? 1;
