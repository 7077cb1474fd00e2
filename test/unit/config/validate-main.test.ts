/** The command as an operator runs it. Needs `npm run build`. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../../dist/config/validate-main.js', import.meta.url));

let directory: string;
beforeAll(async () => { directory = await mkdtemp(join(tmpdir(), 'bot-config-')); });
afterAll(() => rm(directory, { recursive: true }));

const validate = (...args: string[]) => execa(process.execPath, [PROGRAM, ...args], { reject: false });

describe('config:validate', () => {
  it('says of a valid file what would be traded, and ends with 0', async () => {
    expect(await validate('config/default.json')).toMatchObject({
      exitCode: 0, stdout: 'config/default.json: configuration is valid; mode paper; enabled: mean_reversion_btc (BTCUSDT), sma_cross_eth (ETHUSDT), breakout_sol (SOLUSDT)',
    });
  });

  it('lists everything that is wrong, each with its fix, and ends with 1', async () => {
    const path = join(directory, 'wrong.json');
    await writeFile(path, '{"trading": {"max_position_size": 0, "daily_loss_limit": 5}, "strategies": []}');
    const { exitCode, stdout, stderr } = await validate(path);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      `${path}: 3 errors (code 10002)`,
      '  - trading.max_position_size is too small',
      '    fix: set trading.max_position_size to a number from 0.01 to 10000',
      '  - trading.daily_loss_limit should not exceed 5 times trading.max_position_size (5 is more than 5 times 0)',
      '    fix: lower trading.daily_loss_limit or raise trading.max_position_size',
      '  - strategies has no enabled strategy; at least one must be enabled',
      '    fix: set "enabled": true for at least one of strategies',
    ]);
  });

  it('without a file says how it is used, and ends with 2', async () => {
    expect(await validate()).toMatchObject({ exitCode: 2, stderr: 'usage: npm run config:validate FILE' });
  });
});
