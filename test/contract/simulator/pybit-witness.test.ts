/** An independent client, pybit from PyPI, trades on an unmodified simulator. Skipped where Python or pybit is missing. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startSimulator } from '../../../simulator/server.js';

const SCRIPT = fileURLToPath(new URL('./pybit-witness.py', import.meta.url));
const TRADER = { key: 'witness-key', secret: 'witness-secret' };

function whyNot(): string | undefined {
  try {
    execFileSync('python3', ['-c', 'import pybit.unified_trading'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return isMissing ? 'python3 is not installed' : 'pybit is not installed (pip install pybit==5.17.0)';
  }
}

const reason = whyNot();

// not run because Python or pybit may be missing; the name then says which
it.skipIf(reason !== undefined)(`pybit places, amends, cancels, streams and reads${reason === undefined ? '' : ` — skipped: ${reason}`}`, async () => {
  const simulator = await startSimulator({ market: 'synthetic', rebase: true, keys: [TRADER] });
  const witness = spawn('python3', [SCRIPT, simulator.url, simulator.wsUrl], { env: { ...process.env, WITNESS_KEY: TRADER.key, WITNESS_SECRET: TRADER.secret } });
  let said = '';
  witness.stdout.on('data', (chunk: Buffer) => { said += chunk.toString('utf8'); });
  witness.stderr.on('data', (chunk: Buffer) => { said += chunk.toString('utf8'); });
  const [code] = await once(witness, 'exit') as [number];
  await simulator.close();
  expect({ code, said }).toMatchObject({ code: 0, said: expect.stringMatching(/ok all\s*$/) as unknown });
}, 120_000);
