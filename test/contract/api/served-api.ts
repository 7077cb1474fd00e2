/** An API with everything behind it at work: a bot that has traded for some hours of market time. */
import { startApiProcess, startMaintenanceProcess, type ApiProcess } from '../../support/stack-processes.js';
import { startTradingStack } from '../../support/trading-stack.js';

const FROM_MS = Date.UTC(2026, 0, 5);
const HOUR_MS = 3_600_000;
const TRADED_HOURS = 4;

export async function serveTradingApi(section?: object): Promise<ApiProcess> {
  const stack = await startTradingStack({ fromMs: FROM_MS, toMs: FROM_MS + 48 * HOUR_MS, seed: 7 });
  const [api, maintenance] = await Promise.all([startApiProcess(stack, section), startMaintenanceProcess(stack)]);
  await stack.replayUntil(FROM_MS + TRADED_HOURS * HOUR_MS);
  return {
    ...api,
    stop: async () => {
      await Promise.all([api.stop(), maintenance.stop()]);
      await stack.stop();
    },
  };
}

/** How many requests were answered with 5xx, by route and status; `/health` apart, whose 503 is its message. */
export async function serverErrors(url: string, token?: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } })).text();
  const counts = text.matchAll(/^trading_bot_api_requests_total\{method="(\w+)",route="([^"]+)",status="(5\d\d)"\} (\d+)$/gm);
  return Object.fromEntries([...counts].filter(([, , route]) => route !== '/health').map(([, method, route, status, count]) => [`${method} ${route} ${status}`, Number(count)]));
}
