/** Section `backup` of the configuration file: where backups go, who can open them, how long they stay. Keys stand in the environment. */
import { z } from 'zod';

const RECIPIENTS_MAX = 20;

const s3Schema = z.strictObject({
  /** absent: Amazon's own for the region */
  endpoint: z.string().regex(/^https?:\/\/[^\s]+$/, 'give a URL such as https://s3.example.com').optional(),
  region: z.string().min(1).max(64).default('us-east-1'),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'give the name of a bucket: 3 to 63 characters of a-z, 0-9, dot and -'),
  /** put before every object, so that a bucket can hold the backups of several bots */
  prefix: z.string().regex(/^([A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*)?$/, 'give names separated by /, without / at the ends').min(0).max(200).default('trading-bot'),
});

const retentionSchema = z.strictObject({
  /** newest of each of so many days that have one, UTC */
  daily: z.int().min(0).max(3_650).default(7),
  weekly: z.int().min(0).max(520).default(4),
  monthly: z.int().min(0).max(240).default(12),
  /** verified backups that stay whatever the other counts say */
  minimum: z.int().min(1).max(1_000).default(2),
});

export const backupSchema = z.strictObject({
  /** absent: backups/ in the data directory; better a disk of its own */
  folder: z.string().min(1).max(1_000).optional(),
  /** folder with pg_dump and its like; absent: searched for */
  postgres_programs: z.string().min(1).max(1_000).optional(),
  /** whoever holds one of their identities can open a backup; empty: not encrypted */
  age_recipients: z.array(z.string().regex(/^age1[a-z0-9]{20,4000}$/, 'give what age-keygen prints as public key')).max(RECIPIENTS_MAX).default([]),
  /** absent: backups stay on this machine */
  s3: s3Schema.optional(),
  retention: retentionSchema.prefault({}),
});

export type BackupSettings = z.output<typeof backupSchema>;
