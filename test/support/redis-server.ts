/** A real Redis of a test's own, which it can kill, freeze and bring back. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

export interface RedisServer {
  url: string;
  /** one command, as text; the reply as it stands on the wire */
  command(text: string): Promise<string>;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** keeps its connections and answers nothing */
  freeze(): void;
  thaw(): void;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export async function startRedis(options: { password?: string } = {}): Promise<RedisServer> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const command = (text: string): Promise<string> => say(port, text);
  const start = async (): Promise<void> => {
    const secured = options.password === undefined ? [] : ['--requirepass', options.password];
    child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...secured], { stdio: 'ignore' });
    for (;;) {
      const answered = await command('PING').then(() => true, () => false);
      if (answered) return;
    }
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    command,
    start,
    kill: async () => {
      if (child === undefined) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      child = undefined;
      await gone;
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
  };
}

/** Inline commands are what a person would type; the first chunk of the reply is all that these tests need. */
async function say(port: number, text: string): Promise<string> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.write(`${text}\r\n`);
  const [reply] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return reply.toString();
}
