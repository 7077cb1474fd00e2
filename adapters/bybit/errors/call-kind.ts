/**
 * What a request is for. The kind decides how a failure is read (a lost answer to an order is not a lost answer to a
 * read) and who goes first when the request budget is short.
 */
export type CallKind = 'read' | 'entry' | 'exit' | 'cancel' | 'protect' | 'setting';

/** Requests that create an order: sending them twice without looking could double a position. */
export const ORDER_KINDS: readonly CallKind[] = ['entry', 'exit'];
export const OTHER_KINDS: readonly CallKind[] = ['read', 'cancel', 'protect', 'setting'];
/** Requests whose failure may leave a position without its stop. */
export const PROTECTIVE_KINDS: readonly CallKind[] = ['exit', 'protect'];
