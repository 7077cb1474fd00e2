/** Makes an asynchronous act safe to ask for repeatedly: it is done once, and everybody awaits that one time. */
export function onlyOnce(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= act());
}
