/** Our validation against the guide's own, and what both promise of any file whatever. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigurationError, type Finding } from '../../../config/findings.js';
import { loadConfiguration } from '../../../config/load.js';
import { configurationSchema } from '../../../config/schema.js';
import { businessErrors, guideAccepts, GUIDE_SCHEMA } from './guide-validator.js';

let directory: string;
beforeAll(async () => { directory = await mkdtemp(join(tmpdir(), 'guide-')); });
afterAll(() => rm(directory, { recursive: true }));

/** What is wrong with the text of a file; nothing when it is accepted. Whatever else is thrown fails the test. */
async function findingsOf(text: string): Promise<readonly Finding[]> {
  const path = join(directory, 'config.json');
  await writeFile(path, text);
  try {
    await loadConfiguration(path);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.findings;
    throw error;
  }
}

/** The document with another value at the path; as it is where the path leads nowhere. */
function replaced(original: object, at: string, value: unknown): Record<string, unknown> {
  const document = structuredClone(original) as Record<string, unknown>;
  const path = at.split('.');
  const parent = path.slice(0, -1).reduce<Record<string, unknown> | undefined>((node, part) => node?.[part] as Record<string, unknown> | undefined, document);
  if (parent) parent[path.at(-1) ?? ''] = value;
  return document;
}

const around = (least: number, most: number): fc.Arbitrary<unknown> => fc.oneof(
  { weight: 30, arbitrary: fc.double({ min: least, max: Math.min(most, least + 60), noNaN: true }) },
  { weight: 6, arbitrary: fc.constantFrom(least, most, least - 0.001, most + 0.001, least - 1, most + 1) },
  { weight: 1, arbitrary: fc.constantFrom('5', true, null, [1], {}) },
);
const wholeAround = (least: number, most: number): fc.Arbitrary<unknown> => fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: least - 1, max: most + 1 }) },
  { weight: 1, arbitrary: fc.constantFrom(2.5, '3', null) },
);

const NAMES = ['mean_reversion_btc', 'sma_cross_eth', 'breakout_sol'];
const strategyOf = (name: string) => fc.record({
  name: fc.oneof({ weight: 30, arbitrary: fc.constant(name) }, { weight: 1, arbitrary: fc.constant(7) }),
  enabled: fc.oneof({ weight: 30, arbitrary: fc.boolean() }, { weight: 1, arbitrary: fc.constant('yes') }),
  parameters: fc.record({ symbol: fc.constantFrom('BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT') }),
});

/** Documents as the guide knows them: its fields and no others, each strategy at most once and with its symbol written down. */
const whole = fc.record({
  trading: fc.record({
    max_position_size: around(0.01, 10_000), daily_loss_limit: around(0.1, 50), max_positions: wholeAround(1, 20), stop_loss_percent: around(0.1, 20),
  }, { requiredKeys: ['max_position_size', 'daily_loss_limit'] }),
  strategies: fc.subarray(NAMES).chain((names) => fc.tuple(...names.map(strategyOf))),
});
/** The same with one thing left out or of another kind. */
const torn = fc.tuple(whole, fc.constantFrom('trading', 'strategies', 'trading.max_position_size', 'trading.daily_loss_limit', 'strategies.0.name', 'strategies.0.enabled'), fc.constantFrom(undefined, null, [], 'x'))
  .map(([document, at, value]) => replaced(document, at, value));
const guideDocuments = fc.oneof({ weight: 5, arbitrary: whole }, { weight: 1, arbitrary: torn });

describe('the validation of the guide', () => {
  it('accepts and refuses the same documents', async () => {
    let accepted = 0;
    await fc.assert(fc.asyncProperty(guideDocuments, async (document) => {
      const ours = (await findingsOf(JSON.stringify(document))).length === 0;
      if (ours) accepted += 1;
      expect(ours).toBe(guideAccepts(document));
    }), { numRuns: 400, seed: 20250901 });
    expect(accepted).toBeGreaterThan(40);
  });

  it('has the same ranges, types and required fields', () => {
    const ours = z.toJSONSchema(configurationSchema, { io: 'input', unrepresentable: 'any' });
    expect(ours).toMatchObject({ type: 'object', required: GUIDE_SCHEMA.required, properties: { trading: GUIDE_SCHEMA.properties?.['trading'], strategies: { type: 'array', items: { type: 'object', required: ['name', 'enabled'] } } } });
  });

  it('says all of its business errors at once, in our words with field and fix', async () => {
    const document = {
      trading: { max_position_size: 1, daily_loss_limit: 5.5 },
      strategies: [{ name: 'mean_reversion_btc', enabled: false, parameters: { symbol: 'BTCUSDT' } }],
    };
    expect(businessErrors(document)).toEqual(['Daily loss limit should not exceed 5x max position size', 'At least one strategy must be enabled']);
    expect((await findingsOf(JSON.stringify(document))).map(({ field }) => field)).toEqual(['trading.daily_loss_limit', 'strategies']);
    const twice = { ...document, trading: { max_position_size: 2, daily_loss_limit: 10 }, strategies: ['mean_reversion_btc', 'breakout_sol'].map((name) => ({ name, enabled: true, parameters: { symbol: 'BTCUSDT' } })) };
    expect(businessErrors(twice)).toEqual(['Multiple strategies targeting same symbol: BTCUSDT']);
    expect(await findingsOf(JSON.stringify(twice))).toMatchObject([{ field: 'strategies[1]', problem: expect.stringContaining('BTCUSDT') as string }]);
  });

  it('is satisfied by the values that the guide speaks of: 2 % positions, a 5 % daily limit, stops at 2 %', async () => {
    const document = {
      trading: { max_position_size: 2.0, daily_loss_limit: 5.0, max_positions: 5, stop_loss_percent: 2.0 },
      strategies: [{ name: 'sma_cross_eth', enabled: true, parameters: { symbol: 'ETHUSDT', sma_fast: 10, sma_slow: 40, rsi_threshold: 25, stop_loss: 1.5 } }],
    };
    expect(guideAccepts(document)).toBe(true);
    expect(await findingsOf(JSON.stringify(document))).toEqual([]);
  });
});

/** Whether the path leads to something in the document, or to a field of something in it that should be there. */
function leadsSomewhere(field: string, document: unknown): boolean {
  const path = [...field.matchAll(/\[(\d+|"(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)].map(([, inBrackets, name]) => (inBrackets === undefined ? String(name) : String(JSON.parse(inBrackets))));
  const parent = path.slice(0, -1).reduce<unknown>((value, part) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined), document);
  return field === '' || (typeof parent === 'object' && parent !== null);
}

const VALID = { mode: 'paper', trading: { max_position_size: 10, daily_loss_limit: 5 }, strategies: [{ name: 'breakout_sol', enabled: true, parameters: { channel_period: 20 } }], exchange: {}, feed: {} };

/** A valid document in which something somewhere is replaced by any JSON. */
const nearlyValid = fc.tuple(fc.constantFrom('mode', 'trading', 'strategies', 'exchange', 'feed', 'api', 'strategies.0', 'strategies.0.name', 'strategies.0.parameters', 'trading.leverage', 'anything'), fc.jsonValue({ maxDepth: 3 }))
  .map(([at, value]) => replaced(VALID, at, value));

describe('any file at all', () => {
  it('is either accepted, or answered with findings that name a place in it and a fix', async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(nearlyValid, fc.jsonValue()), async (document) => {
      for (const { field, problem, fix } of await findingsOf(JSON.stringify(document))) {
        expect({ field, leads: leadsSomewhere(field, document) }).toEqual({ field, leads: true });
        expect([problem, fix]).not.toContain('');
      }
    }), { numRuns: 300, seed: 20250902 });
  });

  it('that is no JSON is told by line and column', async () => {
    const cut = fc.tuple(fc.nat(), fc.string()).map(([at, junk]) => {
      const text = JSON.stringify(VALID, null, 2);
      return text.slice(0, at % text.length) + junk;
    });
    await fc.assert(fc.asyncProperty(fc.oneof(cut, fc.string()), async (text) => {
      const findings = await findingsOf(text);
      if (isJson(text)) return;
      expect(findings).toMatchObject([{ field: '', problem: expect.stringMatching(/^line \d+, column \d+: /) as string, fix: expect.stringMatching(/^correct line \d+, column \d+$/) as string }]);
    }), { numRuns: 250, seed: 20250903 });
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
