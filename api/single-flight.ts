/** Keeps an expensive answer for a moment, and lets callers that ask meanwhile wait for the one being made. */

export function freshFor<T>(ageMaxMs: number, produce: () => Promise<T>): () => Promise<T> {
  let latest: { value: Promise<T>; madeAtMs: number } | undefined;
  return () => {
    if (latest !== undefined && performance.now() - latest.madeAtMs < ageMaxMs) return latest.value;
    const made = { value: produce(), madeAtMs: performance.now() };
    latest = made;
    made.value.then(
      () => { made.madeAtMs = performance.now(); },
      () => { if (latest === made) latest = undefined; },
    );
    return made.value;
  };
}
