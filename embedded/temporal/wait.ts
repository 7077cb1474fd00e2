/** Ready means ready for the bot: the server serves its namespace, with the retention and search attributes that are relied on. */
import { Connection } from '@temporalio/client';
import { ensureNamespace } from '../../adapters/temporal/namespace.js';
import { waitForNamespace } from '../../adapters/temporal/reach.js';

export const DEFAULT_NAMESPACE = 'default';

export interface WaitForTemporalOptions {
  namespace?: string;
  signal?: AbortSignal;
}

/** Rejects with 10006 when the server does not serve its namespace within `timeoutMs`. */
export async function waitForTemporal(address: string, timeoutMs: number, options: WaitForTemporalOptions = {}): Promise<void> {
  const namespace = options.namespace ?? DEFAULT_NAMESPACE;
  await waitForNamespace({ address, namespace, timeoutMs, ...(options.signal === undefined ? {} : { signal: options.signal }) });
  const connection = Connection.lazy({ address });
  try {
    await ensureNamespace(connection, namespace);
  } finally {
    await connection.close();
  }
}
