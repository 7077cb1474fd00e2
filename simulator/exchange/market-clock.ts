/**
 * How market time passes.
 * free running: `speed` ms of market time per ms of wall time, resumed where the journal stopped; it never jumps.
 * lock-step: time stands still until somebody advances it.
 */
import { setImmediate } from 'node:timers/promises';
import type { SimulatedExchange } from './simulated-exchange.js';
import type { Playback } from './playback.js';

export interface MarketClock {
  /** market time, ms */
  nowMs(): number;
  start(): void;
  stop(): void;
  /** Plays everything up to the instant. Only lock-step: false otherwise. */
  advance(untilMs: number): Promise<boolean>;
}

export interface ClockOptions {
  playback: Playback;
  exchange: SimulatedExchange;
  /** called after each played point */
  onStep: () => void;
}

/** Points played in one go before other work of the process gets its turn. */
const STEPS_PER_TURN = 25;
const TIMER_MS_MAX = 60_000;

export function lockStepClock({ playback, exchange, onStep }: ClockOptions): MarketClock {
  let running: Promise<void> = Promise.resolve();
  const play = async (untilMs: number): Promise<void> => {
    for (let steps = 1; playback.nextMs() <= untilMs; steps += 1) {
      playback.step();
      onStep();
      if (steps % STEPS_PER_TURN === 0) await setImmediate();
    }
    const clock = exchange.clock();
    if (!clock.finished && untilMs > clock.atMs) exchange.commit([], { ...clock, atMs: untilMs });
  };
  return {
    nowMs: () => exchange.clock().atMs,
    start: () => undefined,
    stop: () => undefined,
    advance: async (untilMs) => {
      running = running.then(() => play(untilMs));
      await running;
      return true;
    },
  };
}

export function freeRunningClock({ playback, exchange, onStep }: ClockOptions, speed: number): MarketClock {
  let timer: NodeJS.Timeout | undefined;
  let wallAnchorMs = Date.now();
  let marketAnchorMs = exchange.clock().atMs;
  const nowMs = (): number => {
    const clock = exchange.clock();
    return clock.finished ? clock.atMs : Math.max(clock.atMs, Math.floor(marketAnchorMs + (Date.now() - wallAnchorMs) * speed));
  };
  const playDue = (stepsMax: number): void => {
    for (let steps = 0; steps < stepsMax && playback.nextMs() <= nowMs(); steps += 1) {
      playback.step();
      onStep();
    }
  };
  const schedule = (): void => {
    const waitMs = (playback.nextMs() - nowMs()) / speed;
    if (!Number.isFinite(waitMs)) return;
    timer = setTimeout(() => {
      playDue(STEPS_PER_TURN);
      schedule();
    }, Math.min(Math.max(waitMs, 0), TIMER_MS_MAX));
  };
  exchange.catchUp = () => {
    playDue(Infinity);
    return nowMs();
  };
  return {
    nowMs,
    start: () => {
      wallAnchorMs = Date.now();
      marketAnchorMs = exchange.clock().atMs;
      schedule();
    },
    stop: () => clearTimeout(timer),
    advance: () => Promise.resolve(false),
  };
}
