/**
 * Request parameters as clients really send them: numbers or strings, booleans or "true", null or absent. Parsed once
 * here; what cannot be read is Bybit's 10001.
 */
import { z } from 'zod';
import { invalidParameter } from '../server/refusal.js';

export type RawParams = Readonly<Record<string, unknown>>;

const TEXT_LENGTH_MAX = 512;

/** Text; numbers become their text, null and absent become ''. */
export const text = z.preprocess((value) => (value === null || value === undefined ? '' : typeof value === 'number' ? String(value) : value), z.string().max(TEXT_LENGTH_MAX));
/** true, "true", 1, "1" */
export const flag = z.preprocess((value) => value === true || value === 'true' || value === 1 || value === '1', z.boolean());

/** A whole number in a range; absent gives the fallback. */
export function integer(range: { min: number; max: number; fallback: number }) {
  return z.preprocess((value) => (value === null || value === undefined || value === '' ? range.fallback : Number(value)), z.number().int().min(range.min).max(range.max));
}

/** A limit above the endpoint's maximum is refused, as Bybit does. */
export const limit = (max: number, fallback: number) => integer({ min: 1, max, fallback });

export function choice<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.preprocess((value) => (value === null || value === '' ? undefined : value), z.enum(values).optional());
}

/** Throws a Refusal 10001 that names the parameter. */
export function parseParams<Schema extends z.ZodType>(schema: Schema, params: RawParams): z.output<Schema> {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const name = String(parsed.error.issues[0]?.path[0] ?? 'request');
  throw invalidParameter(`params error: ${name} invalid`);
}

/** The same for endpoints with a category: only linear is traded here, and it may be left out. */
export function parseLinear<Schema extends z.ZodType>(schema: Schema, params: RawParams): z.output<Schema> {
  const category = params['category'];
  if (category !== undefined && category !== null && category !== '' && category !== 'linear') throw invalidParameter('params error: Category is invalid');
  return parseParams(schema, params);
}

/** The optional fields that were given, so that '' never reaches a command. */
export function given<Fields extends Record<string, string | undefined>>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')) as { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };
}
