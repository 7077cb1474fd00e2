/** The workflows can be bundled for Temporal's sandbox, and the bundler refuses what the sandbox does not have. */
import { DefaultLogger } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bundleWorkflows } from '../../workers/workflow-bundle.js';

const BUNDLE_TIMEOUT_MS = 60_000;
const PLANTED = 'test/fixtures/violations/workflows';

/** The bundled code, or what the bundler complains about: its error only says that there were errors, the log says which. */
async function bundle(path: string): Promise<{ code: string } | { complaint: string }> {
  const logged: string[] = [];
  const logger = new DefaultLogger('ERROR', ({ message }) => logged.push(message));
  try {
    return await bundleWorkflows(fileURLToPath(new URL(`../../${path}`, import.meta.url)), logger);
  } catch (error) {
    return { complaint: [...logged, String(error)].join('\n') };
  }
}

describe('the workflow bundle', () => {
  it('is built from workflows/index.ts', async () => {
    expect(await bundle('workflows/index.ts')).toEqual(expect.objectContaining({ code: expect.stringContaining('tradingBot') as string }));
  }, BUNDLE_TIMEOUT_MS);

  it('is refused when a workflow imports a Node built-in', async () => {
    expect(await bundle(`${PLANTED}/uses-a-builtin.ts`)).toEqual({ complaint: expect.stringMatching(/node:crypto/) as string });
  }, BUNDLE_TIMEOUT_MS);

  it('is refused when a module on the way imports one', async () => {
    expect(await bundle(`${PLANTED}/reaches-a-file-over-core.ts`)).toEqual({ complaint: expect.stringMatching(/node:fs/) as string });
  }, BUNDLE_TIMEOUT_MS);
});
