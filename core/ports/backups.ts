/**
 * What backup and recovery need of the edges: the kept backups, and the database server beyond the ledger. Types only;
 * `adapters/archive` and `adapters/postgres/backup` implement them.
 *
 * Contract
 * 1. A backup exists once its manifest is on disk, and counts once it was restored and its digests matched (`verified`).
 * 2. Rejects only with `BotError`: 40004 when a backup or its place cannot be had, 40003 when what is kept is not what was
 *    written, 10002 when the key that is configured does not open it, 10006 for a full disk, 10003 for the server.
 * 3. Everything that takes long ends soon after `work.signal` is aborted, rejecting with its reason.
 */
import type { BackupFile, BackupKind, BackupManifest, DumpedDatabase, ManifestContent, Watermark } from '../backup/manifest.js';
import type { DatabaseDigest } from '../backup/digest.js';

/** s3: any storage that speaks its protocol */
export type BackupPlace = 'folder' | 's3';

export interface BackupSummary {
  backupId: string;
  /** host ms of the snapshot that was dumped */
  takenAtMs: number;
  kind: BackupKind;
  /** name of the database that was dumped */
  database: string;
  /** of PostgreSQL, as in 15.14 */
  serverVersion: string;
  /** that the dumped database had, in their order */
  migrations: string[];
  /** of all its files */
  bytes: number;
  /** restored into a scratch database, where its digests matched */
  verified: boolean;
  /** host ms */
  verifiedAtMs: number | null;
  places: BackupPlace[];
  /** the retention never removes it */
  pinned: boolean;
  watermark: Watermark;
}

/** Of a piece of work that takes long. */
export interface WorkInHand {
  /** aborted when nobody waits for it any more */
  signal: AbortSignal;
  /** plain words on how far it is; called as often as there is anything to tell */
  progress(words: string): void;
}

export interface FetchedFile {
  /** absolute path of the file as it was before encryption */
  path: string;
  place: BackupPlace;
  /** that were read */
  bytes: number;
  /** removes it, unless it is the kept file itself */
  dispose(): Promise<void>;
}

export interface BackupStore {
  /** those that have a manifest, newest first */
  list(): Promise<BackupSummary[]>;
  /** rejects with 40004 when there is none, 40003 when it is not what was written */
  manifest(backupId: string): Promise<BackupManifest>;
  /** One of its files from the folder, else from S3; checked against the manifest, decrypted. */
  fetch(wanted: { backupId: string; file: string }, work: WorkInHand): Promise<FetchedFile>;
}

/** The ledger's database as it is dumped. */
export interface DumpSource {
  /** its name */
  readonly ledgerDatabase: string;
  /** what has to be known before; rejects with 10003 when the server is away, or the programs are missing */
  readiness(): Promise<{ tools: string; bytes: number; mayCreateDatabases: boolean }>;
  /** Overwrites the file. The digest is of the same snapshot as the dump. */
  dump(file: string, work: WorkInHand): Promise<Dump>;
  /** roles without passwords, as SQL */
  dumpRoles(file: string, work: WorkInHand): Promise<void>;
}

export interface Dump {
  /** host ms of the snapshot */
  takenAtMs: number;
  database: DumpedDatabase;
  /** program and version */
  tools: string;
}

/** Where backups are made and kept. A file is begun as a draft, which somebody writes, and becomes part of the backup by `keep`. */
export interface BackupArchive extends BackupStore {
  /** whether files are kept encrypted; rejects with 10002 when that is asked for and impossible */
  encryption(): Promise<'on' | 'off'>;
  /** plain words on the storage beside the folder; null: none is configured */
  readonly storage: string | null;
  /** bytes on the disk of the folder */
  freeBytes(): Promise<number>;
  /** Removes folders and drafts that no finished backup owns, but for those of `except`; returns what went. */
  sweep(except: string): Promise<string[]>;
  /** makes the folder, where needed; absolute path of the draft */
  draft(file: { backupId: string; name: string }): Promise<string>;
  /** Encrypts the draft where that is on, brings it to the disk for good under its name, reads it back. */
  keep(file: { backupId: string; name: string; holds: string }, work: WorkInHand): Promise<BackupFile>;
  /** from here on it is a backup, that counts for nothing yet */
  finish(content: ManifestContent): Promise<BackupManifest>;
  /** reads every file in the folder and compares it with the manifest; the bytes that were read. 40003: one is not what was written */
  readBack(backupId: string, work: WorkInHand): Promise<number>;
  /** what the newest verification found */
  recordVerification(verification: Verification): Promise<void>;
  /** Copies it to the storage, and reads the copy back. Repeating it copies only what is missing. */
  upload(backupId: string, work: WorkInHand): Promise<{ bytes: number; detail: string }>;
  /** Everywhere; the manifest first, so that half of one is none. One that is not there is no error. */
  remove(backupId: string): Promise<void>;
  /** what was begun and has no manifest; a finished one stays */
  discard(backupId: string): Promise<void>;
}

export interface Verification {
  backupId: string;
  /** host ms */
  atMs: number;
  /** of the manifest that was verified */
  manifestSha256: string;
  passed: boolean;
  /** plain words */
  detail: string;
}

/** What the backup holds besides the database. Each writes a tar.gz to `file`. */
export interface ApplicationFiles {
  /** folders with what the bot wrote, by the name of their archive: data, logs, reports */
  folders(): Promise<string[]>;
  packFolder(job: { name: string; file: string; secrets: boolean }, work: WorkInHand): Promise<PackedFiles>;
  /** configuration file and strategies of the operator */
  packConfiguration(job: { file: string }, work: WorkInHand): Promise<PackedFiles>;
  /** .env files; null: there is none */
  packEnvironment(job: { file: string }, work: WorkInHand): Promise<PackedFiles | null>;
  /** the program as it runs */
  packSource(job: { file: string }, work: WorkInHand): Promise<PackedFiles>;
}

export interface PackedFiles {
  /** plain words */
  holds: string;
  /** what was left out, because it is a secret and would stand in clear */
  leftOut: string[];
}

/** The server that holds the ledger, reached over a database that always exists. Names are taken as they are and quoted. */
export interface DatabaseServer {
  exists(name: string): Promise<boolean>;
  /** all but templates */
  databases(): Promise<string[]>;
  /** empty, UTF-8, from template0 */
  createDatabase(name: string): Promise<void>;
  /** ends its sessions; one that does not exist is no error */
  dropDatabase(name: string): Promise<void>;
  /** ends its sessions */
  renameDatabase(names: { from: string; to: string }): Promise<void>;
  /** how many were ended; never the session that asks */
  terminateSessions(name: string): Promise<number>;
  digests(name: string, work: WorkInHand): Promise<DatabaseDigest>;
  /** names of the migrations it has, in their order */
  migrations(name: string): Promise<string[]>;
  /** Looks at every table and index. Rejects with 40003 when one is damaged. */
  amcheck(name: string, work: WorkInHand): Promise<'passed' | 'not available'>;
  /** Restores a file made by `pg_dump` in its custom format into an empty database. Rejects with 40003 when it is no whole dump. */
  restore(job: { database: string; file: string }, work: WorkInHand): Promise<void>;
  /** what contradicts itself in a ledger, in plain words; empty: nothing */
  contradictions(name: string): Promise<string[]>;
}
