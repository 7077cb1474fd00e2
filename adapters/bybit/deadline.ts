/** A promise that settles in time. bybit-api leaves some promises pending for ever (a trade socket that gets no answer). */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
}

/** Rejects with `DeadlineExceeded` after `timeoutMs`; the late result of `work`, good or bad, is then of no interest to anybody. */
export async function withDeadline<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => { reject(new DeadlineExceeded(`no answer within ${timeoutMs} ms`)); }, timeoutMs);
  });
  try {
    return await Promise.race([work, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
