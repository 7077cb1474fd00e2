/** Reads the catalogue code and the message out of a failed activity. */
import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { CATALOGUE, type ErrorCode } from '../core/errors/catalogue.js';

export interface FailedActivity {
  code: ErrorCode | null;
  message: string;
}

export function describeFailure(error: unknown): FailedActivity {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) return { code: catalogueCode(cause.type), message: cause.message };
  return { code: null, message: cause instanceof Error ? cause.message : 'unknown failure' };
}

function catalogueCode(type: string | null | undefined): ErrorCode | null {
  const code = Number(type);
  return code in CATALOGUE ? (code as ErrorCode) : null;
}
