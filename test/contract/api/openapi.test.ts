/**
 * The served document against the running API, in short form: a few hundred requests. In long form, thousands:
 * `npm run fuzz:api`.
 */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiProcess } from '../../support/stack-processes.js';
import { findPython, runCampaign, type Campaign } from './schemathesis.js';
import { serverErrors, serveTradingApi } from './served-api.js';

const { FUZZ_EXAMPLES: longForm, FUZZ_SEED: seed = '20260105', FUZZ_TOKENS: withTokens } = process.env;
const CAMPAIGN: Pick<Campaign, 'examples' | 'seed' | 'phases'> = longForm === undefined
  ? { examples: 12, seed: Number(seed), phases: 'fuzzing' }
  : { examples: Number(longForm), seed: Number(seed), phases: 'examples,coverage,fuzzing,stateful' };
const TIME_MAX_MS = 3_600_000;
/** a busy machine may keep an answer waiting for too long now and then, a broken API will do so often */
const UNAVAILABLE_SHARE_MAX = 0.02;

const python = findPython();
if (python === undefined) console.log('not run: no Python with schemathesis; pip install schemathesis, or name one that has it in SCHEMATHESIS_PYTHON');

// not run because Python, or its package schemathesis, is not installed
describe.skipIf(python === undefined)('the OpenAPI document', () => {
  let api: ApiProcess;
  const token = `tbt_${randomBytes(32).toString('base64url')}`;
  const section = { tokens: [{ name: 'fuzz', role: 'admin', sha256: createHash('sha256').update(token).digest('hex') }] };
  const credentials = withTokens === undefined ? {} : { token };

  beforeAll(async () => { api = await serveTradingApi(withTokens === undefined ? undefined : section); }, 120_000);
  afterAll(() => api.stop());

  it('is kept by every route: no 5xx, no status and no shape that it does not name', async () => {
    const { passed, cases, operations, text } = await runCampaign(python ?? '', { url: api.url, ...CAMPAIGN, ...credentials });
    console.log(`schemathesis: ${cases} requests to ${operations} operations, seed ${seed}`);
    if (!passed || longForm !== undefined) console.log(text);
    const errors = await serverErrors(api.url, credentials.token);
    const unavailable = Object.values(errors).reduce((sum, count) => sum + count, 0);
    expect({ passed, errors: unavailable > cases * UNAVAILABLE_SHARE_MAX + 1 ? errors : 'few' }).toEqual({ passed: true, errors: 'few' });
  }, TIME_MAX_MS);
});
