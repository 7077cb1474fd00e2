import { describe, expect, it } from 'vitest';
import { interruptsTrading, pauseReason, servicesOf } from '../../../../core/runbooks/graceful-restart.js';
import { needsNoParams, paramsSchema, readParams } from '../../../../core/runbooks/params.js';
import { planActivityName, RUNBOOK_NAMES, runbookDefinition, runbookWorkflowId } from '../../../../core/runbooks/runbook.js';

describe('every runbook', () => {
  it.each(RUNBOOK_NAMES)('%s has a title, different steps and parameters', (name) => {
    const { title, steps } = runbookDefinition(name);
    expect(title).not.toBe('');
    expect(new Set(steps).size).toBe(steps.length);
    expect(steps.length).toBeGreaterThan(0);
    expect(paramsSchema(name)).toBeDefined();
  });

  it('has a workflow id that says what may not happen twice at once', () => {
    expect(runbookWorkflowId('saveState', { kind: 'emergency' })).toBe('saveState-emergency');
    expect(runbookWorkflowId('gracefulRestart', { service: 'api' })).toBe(runbookWorkflowId('gracefulRestart', { service: 'all' }));
    expect(planActivityName('gracefulRestart')).toBe('planGracefulRestart');
  });
});

describe('parameters from outside', () => {
  it('get their defaults', () => {
    expect(readParams('gracefulRestart', undefined)).toEqual({ params: { service: 'trading-worker' } });
    expect(needsNoParams('saveState')).toBe(true);
  });

  it.each([{ service: 'database' }, { servce: 'api' }, [], 'api', 7])('are refused with the name of what is wrong: %j', (given) => {
    expect(readParams('gracefulRestart', given)).toMatchObject({ problems: [expect.any(String)] });
  });
});

describe('a graceful restart', () => {
  it('asks the maintenance worker last: the runbook itself runs there', () => {
    expect(servicesOf('all').at(-1)).toBe('maintenance-worker');
    expect(servicesOf('workers')).toEqual(['trading-worker', 'maintenance-worker']);
    expect(servicesOf('api')).toEqual(['api']);
  });

  it('interrupts trading only when the trading worker is among the services', () => {
    expect(['trading-worker', 'workers', 'all', 'api', 'maintenance-worker'].map((service) => interruptsTrading(service as 'all'))).toEqual([true, true, true, false, false]);
  });

  it('gives the bot a reason that tells its pause from an operator\'s', () => {
    expect(pauseReason({ service: 'all' }, 'upgrade')).toBe('graceful restart of all: upgrade');
    expect(pauseReason({ service: 'all' }, '')).toBe('graceful restart of all');
  });
});
