import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callNamedIn, curlOf } from '../../../../core/diagnosis/remedy.js';

describe('a ready call', () => {
  it('reaches the shell as the very JSON it carries, whatever stands in it', () => {
    fc.assert(fc.property(fc.string({ maxLength: 40 }).filter((text) => !text.includes('\0')), (reason) => {
      const command = curlOf('http://localhost:8080', { method: 'POST', path: '/x', body: { reason } });
      const body = execFileSync('bash', ['-c', command.replace('curl -X POST http://localhost:8080/x -d', 'printf %s')]).toString();
      expect(JSON.parse(body)).toEqual({ reason });
    }), { numRuns: 25 });
  });

  it('is found in the words of a remedy, or not', () => {
    expect(callNamedIn('POST /api/v1/bot/resume once it is over')).toEqual({ method: 'POST', path: '/api/v1/bot/resume' });
    expect(callNamedIn('call POST /api/v1/strategies/a_b/enable.')).toEqual({ method: 'POST', path: '/api/v1/strategies/a_b/enable' });
    expect(callNamedIn('POST /api/v1/strategies/restart with {"strategy_name": "x"}')).toEqual({ method: 'POST', path: '/api/v1/strategies/restart', body: { strategy_name: 'x' } });
    expect(callNamedIn('POST /api/v1/strategies/restart with {"strategy_name": "x"y"}')).toBeUndefined();
    expect(callNamedIn('wait 5 minutes')).toBeUndefined();
    expect(callNamedIn('POST /api/v1/positions/{symbol}/close')).toBeUndefined();
  });
});
