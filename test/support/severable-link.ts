/** A TCP link to a server that a test can cut: existing connections break, new ones are refused, until it is mended. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface SeverableLink {
  /** on 127.0.0.1 */
  port: number;
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

export async function openSeverableLink(target: { host: string; port: number }): Promise<SeverableLink> {
  const sockets = new Set<Socket>();
  let severed = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
  };
  const server = createServer((near) => {
    keep(near);
    if (severed) return void near.destroy();
    const far = connect(target);
    keep(far);
    near.pipe(far).pipe(near);
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
  });
  const cut = (): void => {
    severed = true;
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend: () => { severed = false; },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
