/** Restarting services so that trading neither loses an operation in flight nor goes on before the new instance has shown that it works. */
import type { RunbookDefinition } from './definition.js';

export const SERVICES = ['trading-worker', 'maintenance-worker', 'api'] as const;
export type Service = (typeof SERVICES)[number];

/** workers: both of them · all: the API, too */
export const RESTARTABLE = [...SERVICES, 'workers', 'all'] as const;
export type Restartable = (typeof RESTARTABLE)[number];

export interface GracefulRestartParams {
  service: Restartable;
}

/** One process of a service, as it is reached over its control queue. */
export interface ServiceInstance {
  service: Service;
  instance: string;
}

export const RESTART_STEPS = {
  pause: 'pause trading',
  quiet: 'wait for operations in flight',
  save: 'save state',
  stop: 'stop service',
  wait: 'wait for the new instance',
  health: 'verify health',
  decide: 'verify that it decides on a candle',
  resume: 'resume trading',
} as const;

export const GRACEFUL_RESTART: RunbookDefinition<GracefulRestartParams> = {
  title: 'Restart services: pause, let operations end, save, restart, verify, resume if it was running before',
  destructive: false,
  steps: Object.values(RESTART_STEPS),
  // two restarts at once would each take the other's pause for the operator's
  keyOf: () => 'services',
};

/** In the order in which they are asked to leave: this very runbook runs in the maintenance worker. */
export function servicesOf(restartable: Restartable): Service[] {
  switch (restartable) {
    case 'workers':
      return ['trading-worker', 'maintenance-worker'];
    case 'all':
      return ['trading-worker', 'api', 'maintenance-worker'];
    default:
      return [restartable];
  }
}

/** Trading passes through neither the API nor the maintenance worker. */
export function interruptsTrading(restartable: Restartable): boolean {
  return servicesOf(restartable).includes('trading-worker');
}

/** What the bot gives as its reason while this restart holds it: by it the restart knows its own pause from an operator's. */
export function pauseReason({ service }: GracefulRestartParams, reason: string): string {
  return reason === '' ? `graceful restart of ${service}` : `graceful restart of ${service}: ${reason}`;
}
