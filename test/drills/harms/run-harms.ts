/** All harms, one after the other on one stack. After each the books are compared, as after every kill. */
import type { DrillMarket } from '../drilled-stack.js';
import { settledVerdict } from '../free-run.js';
import { bitFlipped, diskFull, storageLost, uploadCut, wrongKey } from './backup-harms.js';
import { messageRefused, unknownResults } from './emergency-harms.js';
import type { Harm } from './harm.js';
import { setHarmStage, type HarmStage } from './harm-stage.js';

export interface HarmResult {
  harm: Harm;
  seconds: number;
  /** why it could not be done here; undefined: it was */
  skipped: string | undefined;
  findings: string[];
}

const HARMS: readonly Harm[] = [unknownResults, messageRefused, diskFull, uploadCut, storageLost, bitFlipped, wrongKey];

export async function runHarms({ market, progress }: { market: DrillMarket; progress(line: string): void }): Promise<HarmResult[]> {
  const stage = await setHarmStage(market);
  const results: HarmResult[] = [];
  try {
    for (const harm of HARMS) {
      const result = await carryOut(harm, stage);
      results.push(result);
      progress(told(result));
    }
  } finally {
    await stage.end();
  }
  return results;
}

async function carryOut(harm: Harm, stage: HarmStage): Promise<HarmResult> {
  const startedMs = performance.now();
  const seconds = (): number => (performance.now() - startedMs) / 1_000;
  try {
    const harmed = await harm.carryOut(stage);
    if (typeof harmed === 'string') return { harm, seconds: seconds(), skipped: harmed, findings: [] };
    const books = await settledVerdict(stage.drilled.stack, stage.drilled.simulatorUrl);
    return { harm, seconds: seconds(), skipped: undefined, findings: [...harmed.findings, ...books.findings] };
  } catch (error) {
    return { harm, seconds: seconds(), skipped: undefined, findings: [error instanceof Error ? error.message : String(error)] };
  }
}

function told({ harm, seconds, skipped, findings }: HarmResult): string {
  const what = `${harm.runbook}: ${harm.what}`;
  if (skipped !== undefined) return `${what}: not done: ${skipped}`;
  return findings.length === 0 ? `${what}: ${harm.ends} (${seconds.toFixed(1)} s)` : `${what}: FAILED: ${findings.slice(0, 3).join('; ')}`;
}
