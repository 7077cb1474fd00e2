/**
 * Deterministic ids of the simulated exchange. An id is a function of what the thing is, never of a global counter, so
 * the same trade has the same ids in every run, whatever happened on other symbols in between.
 *
 * The hash is 128 bit: four 32-bit FNV-1a lanes with different offsets over the UTF-16 code units, each finished with
 * murmur3's avalanche and stirred with its neighbour. It spreads names; it protects nothing. 122 bits remain in the
 * UUID form: a million orders collide with a probability around 1e-25.
 */
const FNV_PRIME = 0x01000193;
const LANE_OFFSETS = [0x811c9dc5, 0x9747b28c, 0x1b873593, 0xcc9e2d51] as const;
/** cannot occur in a symbol, an account name or an order link id, so joined parts never run into each other */
const SEPARATOR = '\u001f';

/** An id in the form of a version 8 (custom) UUID, RFC 9562. */
export function idOf(...parts: readonly (string | number)[]): string {
  const lanes = hashLanes(parts.join(SEPARATOR));
  const hex = lanes.map((lane) => lane.toString(16).padStart(8, '0')).join('');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** A number in [0, 2^32) drawn from the parts: the engine's only source of variation. */
export function drawOf(...parts: readonly (string | number)[]): number {
  return hashLanes(parts.join(SEPARATOR))[0] ?? 0;
}

export function orderIdForLink(account: string, orderLinkId: string): string {
  return idOf('order-link', account, orderLinkId);
}

export function orderIdForArrival(order: { account: string; symbol: string; arrival: number }): string {
  return idOf('order', order.account, order.symbol, order.arrival);
}

export function executionIdOf(orderId: string, fillNumber: number): string {
  return idOf('execution', orderId, fillNumber);
}

export function fundingExecutionIdOf(account: string, symbol: string, atMs: number): string {
  return idOf('funding', account, symbol, atMs);
}

function hashLanes(text: string): number[] {
  const lanes: number[] = [...LANE_OFFSETS];
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    for (let lane = 0; lane < lanes.length; lane += 1) {
      lanes[lane] = Math.imul(((lanes[lane] ?? 0) ^ unit) + lane, FNV_PRIME) >>> 0;
    }
  }
  const mixed = lanes.map(avalanche);
  return mixed.map((lane, index) => avalanche(lane ^ Math.imul(mixed[(index + 1) % mixed.length] ?? 0, 0x85ebca6b)));
}

/** murmur3's finaliser: every input bit reaches every output bit */
function avalanche(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
