import express from 'express';
import { describe, expect, it } from 'vitest';
import { listen } from '../../../api/listen.js';

describe('listening', () => {
  it('on port 0 takes a free one and says which', async () => {
    const api = await listen(express(), { host: '127.0.0.1', port: 0, asksForTokens: false });
    expect(api.port).toBeGreaterThan(0);
    await api.close();
  });

  it('on a taken port is refused with its number and the variable to change', async () => {
    const first = await listen(express(), { host: '127.0.0.1', port: 0, asksForTokens: false });
    try {
      await expect(listen(express(), { host: '127.0.0.1', port: first.port, asksForTokens: false })).rejects.toMatchObject({
        code: 10006, message: `port ${first.port} for the API is taken by another process`, fix: expect.stringContaining('BOT_API_PORT') as string, foreignCode: 'EADDRINUSE',
      });
    } finally {
      await first.close();
    }
  });

  it.each(['0.0.0.0', '::', '192.168.1.10'])('on %s is refused: others could reach it, and there are no tokens', async (host) => {
    await expect(listen(express(), { host, port: 0, asksForTokens: false })).rejects.toMatchObject({ code: 10002, fix: expect.stringContaining('BOT_API_HOST=127.0.0.1') as string });
  });

  it.each(['localhost', '127.0.0.1', '127.8.8.8'])('on %s needs no tokens: it is this machine', async (host) => {
    const api = await listen(express(), { host, port: 0, asksForTokens: false });
    await api.close();
  });

  it('where others could reach it is possible with tokens', async () => {
    const api = await listen(express(), { host: '0.0.0.0', port: 0, asksForTokens: true });
    expect(api.port).toBeGreaterThan(0);
    await api.close();
  });

  it.each(['no-such-name.invalid', '203.0.113.77'])('on %s, which is none of this machine, is refused with the variable to change', async (host) => {
    await expect(listen(express(), { host, port: 0, asksForTokens: true })).rejects.toMatchObject({ code: 10002, fix: expect.stringContaining('BOT_API_HOST') as string });
  });

  it('ends only when the request in flight has its answer', async () => {
    let answer: () => void = () => undefined;
    const arrived = deferred();
    const app = express().get('/slow', (_request, response) => {
      answer = () => void response.send('done');
      arrived.resolve();
    });
    const api = await listen(app, { host: '127.0.0.1', port: 0, asksForTokens: false });
    const reply = fetch(`http://127.0.0.1:${api.port}/slow`).then((response) => response.text());
    await arrived.promise;
    const closed = api.close();
    answer();
    expect(await reply).toBe('done');
    await closed;
    await expect(fetch(`http://127.0.0.1:${api.port}/slow`)).rejects.toThrow('fetch failed');
  });
});

function deferred(): { promise: Promise<void>; resolve(): void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve: () => resolve() };
}
