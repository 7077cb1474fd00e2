import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { pickFreePort } from '../../../embedded/free-ports.js';
import { claimPorts } from '../../../embedded/ports.js';

let server: Server | undefined;

afterEach(() => {
  server?.close();
});

async function occupy(port: number): Promise<void> {
  server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
}

test('a taken port is refused with the process that holds it and the option that changes it', async () => {
  const port = await pickFreePort();
  await occupy(port);
  await expect(claimPorts([{ purpose: 'the API', option: '--port', port }], new Set())).rejects.toMatchObject({
    code: 10006,
    message: expect.stringMatching(new RegExp(`^Port ${port} for the API is taken by process ${process.pid} \\(.+\\)$`)),
    fix: expect.stringContaining('--port'),
  });
});

test('a port held by a left-over of the same data directory is not refused', async () => {
  const port = await pickFreePort();
  await occupy(port);
  expect(await claimPorts([{ purpose: 'the API', option: '--port', port }], new Set([process.pid]))).toEqual([port]);
});

test('0 picks different free ports below the range of outgoing connections', async () => {
  const wish = (purpose: string): { purpose: string; option: string; port: number } => ({ purpose, option: '--port', port: 0 });
  const ports = await claimPorts([wish('a'), wish('b'), wish('c')], new Set());
  expect(new Set(ports).size).toBe(3);
  expect(ports.every((port) => port >= 20_000 && port < 32_000)).toBe(true);
});

test('the same port for two parts is refused and both options are named', async () => {
  const wishes = [{ purpose: 'the API', option: '--port', port: 8080 }, { purpose: 'the Web UI', option: '--ui-port', port: 8080 }];
  await expect(claimPorts(wishes, new Set())).rejects.toMatchObject({ code: 10002, message: '--port and --ui-port are both 8080' });
});
