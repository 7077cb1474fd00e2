/** Section `api` of the configuration file: who may reach the API and how often. docs/API-SECURITY.md is its manual. */
import { z } from 'zod';

export const API_ROLES = ['viewer', 'operator', 'admin'] as const;
const TOKENS_MAX = 50;
const HOSTS_MAX = 50;
export const API_TOKEN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

const tokenSchema = z.strictObject({
  /** of the holder; stands in the audit trail */
  name: z.string().regex(API_TOKEN_NAME, 'give 1 to 40 characters of A-Z, a-z, 0-9, dot, _ and -'),
  role: z.enum(API_ROLES),
  /** SHA-256 of the token in hex; `npm run api:token` prints it */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'give the 64 hexadecimal digits that npm run api:token printed'),
});

export const apiSchema = z.strictObject({
  /** empty: the API serves this machine only */
  tokens: z.array(tokenSchema).max(TOKENS_MAX).default([])
    .refine((tokens) => areUnlike(tokens.map(({ name }) => name)), 'two tokens have the same name')
    .refine((tokens) => areUnlike(tokens.map(({ sha256 }) => sha256)), 'two entries have the same sha256'),
  /** names besides those of this machine under which the API may be called, without port: bot.example.com */
  allowed_hosts: z.array(z.string().regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'give a host name in lower case, without scheme and port')).max(HOSTS_MAX).default([]),
  /** of one client; absent: 1000000 from this machine, 1200 from elsewhere */
  requests_per_minute: z.int().min(10).max(10_000_000).optional(),
});

function areUnlike(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}
