/** Where a request comes from, judged by the addresses of its connection: names and headers are the caller's own words. */
import type { IncomingMessage } from 'node:http';

const MAPPED_PREFIX = '::ffff:';
/** Whoever sends one of these passes on a request that somebody else made. */
const FORWARDING_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

/** Expects an address, never a name. */
export function isLoopbackAddress(address: string): boolean {
  const plain = withoutMapping(address);
  return plain === '::1' || /^127(\.\d{1,3}){3}$/.test(plain);
}

/** IPv4 in the form that people write. */
export function withoutMapping(address: string): string {
  return address.toLowerCase().startsWith(MAPPED_PREFIX) && address.includes('.') ? address.slice(MAPPED_PREFIX.length) : address;
}

export function remoteAddress({ socket }: IncomingMessage): string {
  return withoutMapping(socket.remoteAddress ?? 'unknown');
}

/** Made by a program on this machine, and for itself: not passed on by a proxy that others can reach. */
export function isFromThisMachine(request: IncomingMessage): boolean {
  const { localAddress = '', remoteAddress: remote = '' } = request.socket;
  return isLoopbackAddress(localAddress) && isLoopbackAddress(remote) && !isForwarded(request);
}

export function isForwarded({ headers }: IncomingMessage): boolean {
  return FORWARDING_HEADERS.some((name) => headers[name] !== undefined);
}
