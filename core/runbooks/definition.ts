/** What a runbook is, as data: everything that its workflow, the API, the CLI and the plan have to agree on. */

export interface RunbookDefinition<P> {
  /** one line for people: what it does */
  title: string;
  /** deletes, overwrites or closes something: runs only with a fresh plan that was looked at, and a reason */
  destructive: boolean;
  /** in their order; these very names appear in progress, record and Temporal Web UI */
  steps: readonly string[];
  /** What may not happen twice at the same time has the same key. It becomes part of the workflow id: A-Z, a-z, 0-9, _ . and - */
  keyOf(params: P): string;
}
