/** An emergency whose exchange answers badly, and whose text messages are refused. */
import { emergencyShutdownSituation as situation } from '../situations/emergency-shutdown.js';
import { destructiveRun } from '../runbook-drill.js';
import { endedAs, type Harm, type HarmedRun } from './harm.js';
import type { HarmStage } from './harm-stage.js';

const FAULTS = [
  { kind: 'dropReply', endpoint: '/v5/order/create', executed: true, probability: 0.5 },
  { kind: 'httpStatus', endpoint: '*', status: 503, probability: 0.2 },
];

async function stopped({ drilled }: HarmStage, faults: readonly object[] = []): Promise<HarmedRun> {
  const params = await situation.prepare(drilled);
  const started = await destructiveRun(drilled.stack, 'emergencyShutdown', params);
  // they would meet whoever looks at the exchange as well: they end with the run
  const place = new URL('/sim/faults', drilled.simulatorUrl);
  if (faults.length > 0) await fetch(place, { method: 'POST', body: JSON.stringify({ seed: 1, rules: faults }) });
  const run = await started.ended().finally(() => fetch(place, { method: 'DELETE' }));
  const findings = [...endedAs(run, { state: 'completed' }), ...(await situation.verify(drilled, run))];
  await situation.leave?.(drilled);
  return { run, findings };
}

export const unknownResults: Harm = {
  runbook: 'emergencyShutdown',
  what: 'every second reply to an order is lost after it was executed, every fifth call fails',
  ends: 'flat, verified on the exchange',
  carryOut: (stage) => stopped(stage, FAULTS),
};

export const messageRefused: Harm = {
  runbook: 'emergencyShutdown',
  what: 'Twilio refuses the text message',
  ends: 'all done; told over the second channel, and the refusal is named',
  carryOut: async (stage) => {
    const before = stage.messages.hooks.length;
    const { run, findings } = await stopped(stage);
    const told = run.steps.find(({ name }) => name === 'send emergency notification')?.result ?? '';
    return { run, findings: [
      ...findings,
      ...(stage.messages.messages.length === 0 ? [] : ['a message was accepted that should have been refused']),
      ...(stage.messages.hooks.length > before ? [] : ['the second channel was not told']),
      ...(/failed/.test(told) ? [] : [`the refusal is not named: ${told}`]),
    ] };
  },
};
