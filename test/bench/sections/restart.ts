/** The runbook gracefulRestart on the trading worker, again and again in a market that runs on: for how long does trading pause? */
import { startRun } from '../../drills/runbook-drill.js';
import { PULSE_CANDLE_MS, writePulseConfiguration } from '../configurations.js';
import { largest, p50 } from '../quantiles.js';
import type { Section } from '../section.js';
import { seconds, table } from '../table.js';

const BOUNDARY_EVERY_MS = 500;
const SEED = 6;
const PAUSE_MS_WANTED = 10_000;

interface Restart {
  pausedMs: number;
  /** ms by step */
  steps: Record<string, number>;
}

export const restart: Section = async ({ options, sandbox, progress }) => {
  const configPath = await writePulseConfiguration(await sandbox.folder('pulse'));
  const market = { source: 'synthetic', seed: SEED, speed: PULSE_CANDLE_MS / BOUNDARY_EVERY_MS } as const;
  const restarts: Restart[] = [];
  await sandbox.withStack({ dataDir: await sandbox.folder('restart'), configPath, market }, async (stack) => {
    for (let turn = 0; turn < options.kills; turn += 1) {
      const run = await (await startRun(stack, 'gracefulRestart', { reason: 'measurement' })).ended();
      const paused = run.figures['tradingPausedSeconds'];
      if (run.state !== 'completed' || typeof paused !== 'number') throw new Error(`the restart ended as ${run.state}: ${run.outcome ?? ''}`);
      restarts.push({ pausedMs: paused * 1_000, steps: Object.fromEntries(run.steps.map(({ name, started_at: from, ended_at: to }) => [name, Date.parse(to ?? '') - Date.parse(from ?? '')])) });
      progress(`restart ${turn + 1} of ${options.kills}: trading paused for ${paused.toFixed(1)} s`);
    }
  });
  const pauses = restarts.map(({ pausedMs }) => pausedMs);
  const names = Object.keys(restarts[0]?.steps ?? {});
  const sample = (name: string): number[] => restarts.map(({ steps }) => steps[name] ?? 0);
  return {
    title: 'Graceful restart of the trading worker',
    lines: [
      `The runbook gracefulRestart, ${restarts.length} times, in a market with a candle boundary every ${BOUNDARY_EVERY_MS} ms of wall time in which trades are opened and closed.`,
      'Trading is paused from the pause to the resume; exits go on, stops stay on the exchange.',
      '',
      ...table(['seconds', 'p50', 'max'], [...names.map((name) => [name, seconds(p50(sample(name))), seconds(largest(sample(name)))]), ['trading paused', seconds(p50(pauses)), seconds(largest(pauses))]]),
    ],
    reading: [`A graceful restart of the trading worker pauses trading for ${seconds(p50(pauses))} s (p50; max ${seconds(largest(pauses))} s, n = ${pauses.length}).`],
    violations: p50(pauses) < PAUSE_MS_WANTED ? [] : [`a graceful restart pauses trading for ${seconds(p50(pauses))} s (p50)`],
  };
};
