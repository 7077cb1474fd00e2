/**
 * The Temporal server that all tests of a run share (started by `global-temporal.ts`). Tests keep apart by unique
 * workflow ids and task queues, never by a server of their own.
 */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { inject } from 'vitest';

export function temporalAddress(): string {
  return inject('temporalAddress');
}

/** `prefix-` plus eight random characters: for task queues, workflow ids, instances. */
export function unique(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}

export interface TestTemporal {
  address: string;
  client: Client;
  /** for `Worker.create` */
  nativeConnection: NativeConnection;
  close(): Promise<void>;
}

/** A client and a worker connection to the shared server; close it in afterAll, after the workers have stopped. */
export async function connectTestTemporal(): Promise<TestTemporal> {
  const address = temporalAddress();
  const connection = await Connection.connect({ address });
  const nativeConnection = await NativeConnection.connect({ address });
  const close = async (): Promise<void> => {
    await nativeConnection.close();
    await connection.close();
  };
  return { address, client: new Client({ connection }), nativeConnection, close };
}
