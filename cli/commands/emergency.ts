/**
 * `bot emergency`: one action, no question. The API is asked first; when it does not answer, or lost sight of what it began, this
 * machine acts on the exchange itself (workers/emergency-main.ts, a process of its own).
 *
 * Invariant: asking again is always safe: it joins the halt that holds, and does the most of what was ever asked for.
 */
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CommandEnd, EXIT, type ExitCode } from '../exit-codes.js';
import { emergencyReply, emergencyStoppedReply, type DirectEmergency } from '../replies.js';
import { followRun } from '../run-runbook.js';
import type { Session } from '../session.js';

export interface EmergencyWish {
  closePositions: boolean;
  stopServices: readonly string[];
  reason: string;
  /** leave the API alone */
  direct: boolean;
  /** of the bot, for the path without the API */
  dataDir: string;
}

const ASK_EVERY_MS = 500;
const LOST_AFTER_MS = 5_000;
const ROUNDS_MAX = 100;
const DIRECT_PROGRAM = fileURLToPath(new URL('../../workers/emergency-main.js', import.meta.url));

type Watched = ExitCode | 'lost';

export async function stopEverything(session: Session, wish: EmergencyWish): Promise<ExitCode> {
  for (let round = 0; !wish.direct && round < ROUNDS_MAX; round += 1) {
    const watched = await overTheApi(session, wish);
    if (watched === 'unreachable') break;
    if (watched !== 'lost') return watched;
    session.remark('the API lost sight of it: asking again');
  }
  return actFromHere(session, wish);
}

async function overTheApi(session: Session, { closePositions, stopServices, reason }: EmergencyWish): Promise<Watched | 'unreachable'> {
  try {
    const body = { close_positions: closePositions, stop_services: stopServices, reason };
    const stopped = await session.api.post('/api/v1/emergency/stop-all-trading', body, emergencyStoppedReply);
    session.say(`${stopped.halt_id}: the latch is ${stopped.latch}; ${stopped.detail}`);
    if (!stopped.halted) return 'unreachable';
    return stopped.run_id === null ? await watchDirect(session) : await watchRun(session, stopped.run_id);
  } catch (error) {
    // a request that the API finds wrong is the caller's; everything else is a reason to act from here
    if (!(error instanceof CommandEnd) || error.exitCode === EXIT.usage) throw error;
    session.remark(`${error.message}: acting on the exchange from here`);
    return 'unreachable';
  }
}

async function watchRun(session: Session, runId: string): Promise<Watched> {
  try {
    return await followRun(session, runId, { awayMsMax: LOST_AFTER_MS });
  } catch (error) {
    if (error instanceof CommandEnd) return 'lost';
    throw error;
  }
}

/** The API works without Temporal: its lines, until the exchange has shown it twice. */
async function watchDirect(session: Session): Promise<Watched> {
  let shown = 0;
  for (let lastSeenMs = Date.now(); Date.now() - lastSeenMs < LOST_AFTER_MS; await delay(ASK_EVERY_MS)) {
    const direct = await standingOf(session);
    if (direct === null) continue;
    lastSeenMs = Date.now();
    for (const line of direct.lines.slice(shown)) session.say(`  ${line}`);
    shown = direct.lines.length;
    if (direct.state === 'acting') continue;
    session.say(['To do by hand:', ...direct.remaining.map((line) => `  ${line}`)].join('\n'));
    session.give(direct);
    return direct.state === 'done' ? EXIT.degraded : 'lost';
  }
  return 'lost';
}

async function standingOf(session: Session): Promise<DirectEmergency | null> {
  try {
    return (await session.api.get('/api/v1/emergency', emergencyReply)).direct;
  } catch (error) {
    if (error instanceof CommandEnd) return null;
    throw error;
  }
}

function actFromHere({ json }: Session, { closePositions, reason, dataDir }: EmergencyWish): Promise<ExitCode> {
  const args = ['--reason', reason, ...(closePositions ? ['--close-positions'] : []), '--data-dir', dataDir, ...(json ? ['--json'] : [])];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [DIRECT_PROGRAM, ...args], { stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => { resolve(code === EXIT.degraded ? EXIT.degraded : EXIT.failed); });
  });
}
