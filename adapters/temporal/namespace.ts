/**
 * Makes a namespace fit for the bot: it exists, keeps closed workflows long enough, and knows the custom search
 * attributes. Safe to repeat and to run from several processes at once, on our own or on a foreign server.
 */
import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { NAMESPACE_RETENTION_DAYS, SEARCH_ATTRIBUTES } from '../../workflows/messages.js';
import { grpcCodeOf, GRPC, temporalError } from './grpc-error.js';

const MS_PER_SECOND = 1_000;
const MS_PER_DAY = 86_400_000;
const KEYWORD = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
const VISIBLE_TIMEOUT_MS = 30_000;
const VISIBLE_POLL_MS = 100;

/** What is needed of a client's or a worker's connection. */
export type NamespaceConnection = Pick<Connection, 'workflowService' | 'operatorService'>;

/** Rejects with 10006 when the server does not answer or refuses. */
export async function ensureNamespace(connection: NamespaceConnection, namespace: string): Promise<void> {
  try {
    await ensureRetention(connection, namespace);
    await ensureSearchAttributes(connection, namespace);
  } catch (error) {
    throw temporalError(error, `Namespace "${namespace}" could not be prepared`);
  }
}

async function ensureRetention(connection: NamespaceConnection, namespace: string): Promise<void> {
  const wanted = msToTs(NAMESPACE_RETENTION_DAYS * MS_PER_DAY);
  const currentMs = await retentionMs(connection, namespace);
  if (currentMs === undefined) return register(connection, namespace, wanted);
  if (currentMs >= NAMESPACE_RETENTION_DAYS * MS_PER_DAY) return;
  await connection.workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: wanted } });
}

/** undefined when there is no such namespace */
async function retentionMs(connection: NamespaceConnection, namespace: string): Promise<number | undefined> {
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) * MS_PER_SECOND;
  } catch (error) {
    if (grpcCodeOf(error) === GRPC.notFound) return undefined;
    throw error;
  }
}

async function register(connection: NamespaceConnection, namespace: string, retention: ReturnType<typeof msToTs>): Promise<void> {
  try {
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention });
  } catch (error) {
    if (grpcCodeOf(error) !== GRPC.alreadyExists) throw error; // another process registered it in the meantime
  }
}

async function ensureSearchAttributes(connection: NamespaceConnection, namespace: string): Promise<void> {
  const missing = await missingOnceServed(connection, namespace);
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    if (grpcCodeOf(error) !== GRPC.alreadyExists) throw error;
  }
  await poll(`search attributes of ${namespace}`, async () => (await missingAttributes(connection, namespace)).length === 0 || undefined);
}

/** The server's namespace cache shows a new namespace only at its next refresh (up to 10 s); until then it says "not found". */
function missingOnceServed(connection: NamespaceConnection, namespace: string): Promise<string[]> {
  return poll(`namespace ${namespace}`, async () => {
    try {
      return await missingAttributes(connection, namespace);
    } catch (error) {
      if (grpcCodeOf(error) === GRPC.notFound) return undefined;
      throw error;
    }
  });
}

async function missingAttributes(connection: NamespaceConnection, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.values(SEARCH_ATTRIBUTES).filter((name) => customAttributes[name] === undefined);
}

/** Servers cache: what was just written shows some seconds later, and a workflow started before that would be refused. */
async function poll<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadlineMs = Date.now() + VISIBLE_TIMEOUT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadlineMs) throw new Error(`${what} not visible within ${VISIBLE_TIMEOUT_MS / MS_PER_SECOND} s`);
    await new Promise((resolve) => setTimeout(resolve, VISIBLE_POLL_MS));
  }
}
