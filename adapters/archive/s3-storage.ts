/**
 * Backups in a storage that speaks S3. Objects are `<prefix>/<backup id>/<file>`, written once and never overwritten.
 *
 * Invariants
 * 1. What was stored is read back and hashed by us: not every server checks the checksum that it is sent.
 * 2. The manifest is written last and removed first, so that half a copy is no backup.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { BotError } from '../../core/errors/bot-error.js';
import type { WorkInHand } from '../../core/ports/backups.js';
import { storageError } from './archive-errors.js';
import { OWNER_ONLY, type Content } from './durable-files.js';
import { storagePlace, type S3Settings } from './s3-settings.js';

export interface StoredFile {
  backupId: string;
  name: string;
  path: string;
  content: Content;
}

export interface S3Storage {
  /** ids of backups that have a manifest there */
  list(): Promise<string[]>;
  /** null: there is no such object */
  text(backupId: string, file: string): Promise<string | null>;
  /** Stores the file unless it is there already, then reads it back. 40003: what is there is something else */
  store(file: StoredFile, work: WorkInHand): Promise<'stored' | 'was there'>;
  /** a small file that may change: an older one is overwritten */
  write(file: { backupId: string; name: string; text: string }): Promise<void>;
  fetch(file: { backupId: string; name: string; path: string }, work: WorkInHand): Promise<void>;
  remove(backupId: string): Promise<void>;
}

const PART_BYTES_MIN = 8 * 1_024 * 1_024;
/** S3 takes 10000 parts */
const PARTS_MAX = 9_000;
const PARTS_AT_ONCE = 2;
const PAGES_MAX = 1_000;
const ATTEMPTS_MAX = 3;
const CONNECT_TIMEOUT_MS = 5_000;
/** without any byte */
const SILENCE_TIMEOUT_MS = 60_000;
const TEXT_BYTES_MAX = 10 * 1_024 * 1_024;
const MANIFEST = 'manifest.json';

export function createS3Storage(settings: S3Settings): S3Storage {
  const where = storagePlace(settings);
  const client = new S3Client({
    region: settings.region, maxAttempts: ATTEMPTS_MAX, forcePathStyle: settings.endpoint !== undefined,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SILENCE_TIMEOUT_MS },
    ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
    ...(settings.credentials === undefined ? {} : { credentials: settings.credentials }),
  });
  const guard = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      throw storageError(error, { what, where });
    }
  };
  const bucket = new Bucket(client, settings);
  return {
    list: () => guard('list backups', () => bucket.backupIds()),
    text: (backupId, file) => guard(`read ${file}`, () => bucket.text(backupId, file)),
    store: (file, work) => guard(`store ${file.name}`, () => bucket.store(file, work)),
    write: (file) => guard(`store ${file.name}`, () => bucket.write(file)),
    fetch: (file, work) => guard(`give ${file.name}`, () => bucket.fetch(file, work)),
    remove: (backupId) => guard(`remove ${backupId}`, () => bucket.remove(backupId)),
  };
}

class Bucket {
  constructor(private readonly client: S3Client, private readonly settings: Pick<S3Settings, 'bucket' | 'prefix'>) {}

  async backupIds(): Promise<string[]> {
    const root = this.settings.prefix === '' ? '' : `${this.settings.prefix}/`;
    const keys = await this.keysBelow(root);
    return keys.filter((key) => key.endsWith(`/${MANIFEST}`)).map((key) => key.slice(root.length, -MANIFEST.length - 1)).filter((id) => !id.includes('/'));
  }

  async text(backupId: string, file: string): Promise<string | null> {
    try {
      const { Body: body, ContentLength: bytes = 0 } = await this.client.send(new GetObjectCommand(this.at(backupId, file)));
      if (bytes > TEXT_BYTES_MAX) throw new BotError(40003, `${file} of backup ${backupId} has ${bytes} bytes, more than such a file can have`);
      return (await body?.transformToString()) ?? null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async store(file: StoredFile, work: WorkInHand): Promise<'stored' | 'was there'> {
    const { backupId, name, content } = file;
    const isThere = (await this.size(backupId, name)) !== null;
    const outcome = isThere ? 'was there' : await this.send(file, work);
    const stored = await this.size(backupId, name);
    if (stored !== content.bytes) throw notTheSame(name, `it has ${stored ?? 0} bytes instead of ${content.bytes}`);
    const found = await this.hashOf(backupId, name, work);
    if (found.sha256 !== content.sha256) throw notTheSame(name, found.bytes === content.bytes ? 'its bytes are others' : `only ${found.bytes} of ${content.bytes} bytes come back`);
    return outcome;
  }

  private async send({ backupId, name, path, content }: StoredFile, work: WorkInHand): Promise<'stored' | 'was there'> {
    work.signal.throwIfAborted();
    const upload = new Upload({
      client: this.client, queueSize: PARTS_AT_ONCE, partSize: Math.max(PART_BYTES_MIN, Math.ceil(content.bytes / PARTS_MAX)),
      params: { ...this.at(backupId, name), Body: createReadStream(path), ChecksumAlgorithm: 'SHA256', IfNoneMatch: '*' },
    });
    upload.on('httpUploadProgress', ({ loaded = 0 }) => work.progress(`uploading ${name}: ${loaded} bytes`));
    const abort = (): void => void upload.abort();
    work.signal.addEventListener('abort', abort);
    try {
      await upload.done();
      return 'stored';
    } catch (error) {
      work.signal.throwIfAborted();
      // Somebody stored it between our look and our write: it is judged by what it holds.
      if (error instanceof Error && error.name === 'PreconditionFailed') return 'was there';
      throw error;
    } finally {
      work.signal.removeEventListener('abort', abort);
    }
  }

  async write({ backupId, name, text }: { backupId: string; name: string; text: string }): Promise<void> {
    await this.client.send(new PutObjectCommand({ ...this.at(backupId, name), Body: text, ChecksumAlgorithm: 'SHA256' }));
  }

  async fetch({ backupId, name, path }: Parameters<S3Storage['fetch']>[0], work: WorkInHand): Promise<void> {
    const source = await this.open(backupId, name, work);
    await pipeline(source, counting(work, `fetching ${name}`), createWriteStream(path, { mode: OWNER_ONLY.file }), { signal: work.signal });
  }

  async remove(backupId: string): Promise<void> {
    await this.delete([this.at(backupId, MANIFEST).Key]);
    await this.delete(await this.keysBelow(this.at(backupId, '').Key));
  }

  private async delete(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const { Errors: errors = [] } = await this.client.send(new DeleteObjectsCommand({ Bucket: this.settings.bucket, Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true } }));
    const [first] = errors;
    if (first !== undefined) throw new BotError(40004, `the storage did not remove ${first.Key ?? 'an object'}: ${first.Code ?? 'no reason given'}`, { retryable: false, fix: 'Check that the key may delete objects, and that no object lock holds them.' });
  }

  private async keysBelow(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = await this.client.send(new ListObjectsV2Command({ Bucket: this.settings.bucket, Prefix: prefix, ...(token === undefined ? {} : { ContinuationToken: token }) }));
      keys.push(...(answer.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key])));
      token = answer.NextContinuationToken;
      if (token === undefined) return keys;
    }
    throw new BotError(40004, `the storage lists more than ${PAGES_MAX} pages below ${prefix}`, { retryable: false, fix: 'Give backups a prefix of their own: backup.s3.prefix.' });
  }

  private async size(backupId: string, name: string): Promise<number | null> {
    try {
      return (await this.client.send(new HeadObjectCommand(this.at(backupId, name)))).ContentLength ?? null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  private async hashOf(backupId: string, name: string, work: WorkInHand): Promise<Content> {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of (await this.open(backupId, name, work)) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
      work.progress(`reading ${name} back: ${bytes} bytes`);
    }
    return { bytes, sha256: hash.digest('hex') };
  }

  private async open(backupId: string, name: string, work: WorkInHand): Promise<Readable> {
    const { Body: body } = await this.client.send(new GetObjectCommand(this.at(backupId, name)), { abortSignal: work.signal });
    if (body === undefined) throw new BotError(40004, `the storage gives nothing for ${name}`);
    return body as Readable;
  }

  private at(backupId: string, file: string): { Bucket: string; Key: string } {
    const { bucket, prefix } = this.settings;
    return { Bucket: bucket, Key: [prefix, backupId, file].filter((part, index) => part !== '' || index === 2).join('/') };
  }
}

function counting(work: WorkInHand, what: string): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      work.progress(`${what}: ${bytes} bytes`);
      done(null, chunk);
    },
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NotFound' || error.name === 'NoSuchKey');
}

function notTheSame(name: string, problem: string): BotError {
  return new BotError(40003, `the copy of ${name} in the storage is not what was sent: ${problem}`, { fix: 'Remove that object in the storage, then run the backup again; the copy on this machine counts as before.' });
}
