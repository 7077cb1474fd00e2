/**
 * The difference between Bybit's clock and this host's, learnt from refusals (10002) only: the message carries the
 * server's time, so no extra request is needed. Larger differences are left for people, because a host whose clock is
 * minutes off also writes wrong logs and certificates fail.
 */
const SERVER_TIME = /server_timestamp\[(\d{13})\]/;
export const MAX_CORRECTION_MS = 60_000;

export interface ClockCorrection {
  /** ms to add to the host's clock */
  offsetMs(): number;
  /** Learns from a refusal's words; false when they hold no server time or one too far away. */
  learn(retMsg: string): boolean;
}

export function createClockCorrection(now: () => number): ClockCorrection {
  let offsetMs = 0;
  return {
    offsetMs: () => offsetMs,
    learn: (retMsg) => {
      const serverMs = Number(SERVER_TIME.exec(retMsg)?.[1] ?? Number.NaN);
      const difference = serverMs - now();
      if (!(Math.abs(difference) <= MAX_CORRECTION_MS)) return false;
      offsetMs = difference;
      return true;
    },
  };
}
