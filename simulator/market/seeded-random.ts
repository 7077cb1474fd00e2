/**
 * Randomness that is a function of a seed and a place: the same seed gives the same market and the same faults on
 * every machine and after every restart. Not for cryptography.
 */

/** FNV-1a over the parts, finished so that near places give unrelated numbers; 32 bit. */
export function seedOf(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const char of parts.join('|')) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Uniform numbers in [0, 1) (mulberry32). */
export function uniformFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}

/** Standard normal numbers (Box–Muller), at most about 6.7 in size. */
export function normalFrom(seed: number): () => number {
  const uniform = uniformFrom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Smooth noise: normal values at every multiple of `period`, straight lines between them. */
export function latticeNoise(name: string, index: number, period: number): number {
  const cell = Math.floor(index / period);
  const share = index / period - cell;
  const left = normalFrom(seedOf(name, period, cell))();
  const right = normalFrom(seedOf(name, period, cell + 1))();
  return left + (right - left) * share;
}
