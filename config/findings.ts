/**
 * What is wrong with a configuration: one finding per field, in the operator's words, with the remedy. What a field
 * wants is read from the schema itself, so that no range is written down twice.
 */
import { z } from 'zod';
import { BotError } from '../core/errors/bot-error.js';
import type { ErrorCode } from '../core/errors/catalogue.js';
import { nearestName } from './nearest-name.js';

export interface Finding {
  /** as in the file: `trading.max_positions`, `strategies[1].name`; '' is the file as a whole */
  field: string;
  problem: string;
  fix: string;
}

/** a key of any other kind is written in brackets and quotes, so that a path is never ambiguous */
const PLAIN_KEY = /^[A-Za-z_][\w-]*$/;

export type FieldPath = readonly PropertyKey[];

/** All findings of one configuration in one error: nobody should have to correct a file one message at a time. */
export class ConfigurationError extends BotError {
  constructor(code: ErrorCode, readonly path: string, readonly findings: readonly Finding[]) {
    super(code, `${path}: ${findings.map(describeFinding).join('; ')}`, { fix: findings.map(({ fix }) => fix).join('; ') });
  }
}

export function describeFinding({ field, problem }: Finding): string {
  return field === '' ? problem : `${field} ${problem}`;
}

export function fieldName(path: FieldPath): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${part}]`;
    const key = String(part);
    if (!PLAIN_KEY.test(key)) return `${name}[${JSON.stringify(key)}]`;
    return name === '' ? key : `${name}.${key}`;
  }, '');
}

export type Checked<T> = { ok: true; value: T } | { ok: false; findings: Finding[] };

/** Parses a value by a schema; `at` is where in the file the value stands. */
export function checkAgainst<S extends z.ZodType>(schema: S, value: unknown, at: FieldPath = []): Checked<z.output<S>> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  const root = described(schema);
  return { ok: false, findings: result.error.issues.flatMap((issue) => findingsOf(issue, nodeAt(root, issue.path), at)) };
}

/** Schemas of the user's own strategies need not be zod's: what they want is then not known. */
function described(schema: z.ZodType): Node | undefined {
  try {
    return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' });
  } catch {
    return undefined;
  }
}

function findingsOf(issue: z.core.$ZodIssue, node: Node | undefined, at: FieldPath): Finding[] {
  const path = [...at, ...issue.path];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, node));
  const field = fieldName(path);
  const target = field === '' ? 'the file' : field;
  const want = issue.code === 'custom' || issue.code === 'invalid_format' ? undefined : wanted(node);
  return [{ field, problem: problemOf(issue), fix: want === undefined ? `correct ${target}: ${issue.message}` : `set ${target} to ${want}` }];
}

function unknownKey(key: string, at: FieldPath, node: Node | undefined): Finding {
  const field = fieldName([...at, key]);
  const known = Object.keys(node?.properties ?? {});
  const nearest = nearestName(key, known);
  const remedy = nearest === undefined ? `known names here: ${known.join(', ')}` : `did you mean "${nearest}"?`;
  return { field, problem: `is not a known setting; ${remedy}`, fix: nearest === undefined ? `remove ${field}` : `rename ${field} to ${nearest}` };
}

function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value')) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
    case 'invalid_value':
      return 'has a wrong value';
    case 'too_small':
      return 'is too small';
    case 'too_big':
      return 'is too large';
    default:
      return `is wrong: ${issue.message}`;
  }
}

type Node = z.core.JSONSchema.BaseSchema;

function nodeAt(root: Node | undefined, path: FieldPath): Node | undefined {
  return path.reduce<Node | undefined>((node, part) => {
    const child = typeof part === 'number' ? node?.items : (node?.properties?.[String(part)] ?? node?.additionalProperties);
    return typeof child === 'object' && !Array.isArray(child) ? child : undefined;
  }, root);
}

function wanted(node: Node | undefined): string | undefined {
  if (node?.enum !== undefined) return `one of ${node.enum.map((value) => JSON.stringify(value)).join(', ')}`;
  switch (node?.type) {
    case 'number':
      return `a number${range(node)}`;
    case 'integer':
      return `a whole number${range(node)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return 'a text';
    case 'array':
      return 'a list in brackets [ ]';
    case 'object':
      return 'an object in braces { }';
    default:
      return undefined;
  }
}

function range({ minimum, maximum, exclusiveMinimum }: Node): string {
  const from = minimum ?? exclusiveMinimum;
  if (from === undefined && maximum === undefined) return '';
  if (maximum === undefined) return ` of at least ${from}`;
  return from === undefined ? ` of at most ${maximum}` : ` from ${from} to ${maximum}`;
}
