/**
 * Files encrypted in the age format, so that the plain `age` program opens them too. Streamed: memory does not grow with the file.
 *
 * Invariants
 * 1. Encryption that is asked for and impossible is an error; nothing is ever kept in clear instead.
 * 2. The identity (the private key) comes from the environment and is never written anywhere.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { createHash } from 'node:crypto';
import { Decrypter, Encrypter, identityToRecipient } from 'age-encryption';
import { BotError } from '../../core/errors/bot-error.js';
import type { WorkInHand } from '../../core/ports/backups.js';
import { chunksOf, OWNER_ONLY } from './durable-files.js';

export interface Keys {
  /** age1…; empty: nothing is encrypted */
  recipients: readonly string[];
  /** AGE-SECRET-KEY-1…, one or more lines as in the file that age-keygen writes; undefined: encrypted backups cannot be opened here */
  identity: string | undefined;
}

/** Encrypted with no identity here, a backup could not be verified, and so would never count. */
export async function encryptionState({ recipients, identity }: Keys): Promise<'on' | 'off'> {
  if (recipients.length === 0) return 'off';
  for (const recipient of recipients) encrypterFor([recipient]);
  if (identity === undefined) throw keyProblem('no identity is given', 'Set BACKUP_AGE_IDENTITY (or BACKUP_AGE_IDENTITY_FILE) of the maintenance worker: a backup counts only once it was opened and restored.');
  const own = await Promise.all(identitiesIn(identity).map((one) => identityToRecipient(one)));
  if (!own.some((recipient) => recipients.includes(recipient))) throw keyProblem('the identity belongs to none of backup.age_recipients', `Add its recipient to backup.age_recipients: ${own[0] ?? ''}`);
  return 'on';
}

/** Returns the SHA-256 of the file before it was encrypted, hex. */
export async function encryptFile(files: { from: string; to: string }, recipients: readonly string[], work: WorkInHand): Promise<string> {
  const hash = createHash('sha256');
  const plain = Readable.from(chunksOf(files.from, work, (chunk) => hash.update(chunk)));
  const encrypted = await encrypterFor(recipients).encrypt(Readable.toWeb(plain) as ReadableStream<Uint8Array> as never);
  await pipeline(Readable.fromWeb(encrypted as unknown as ReadableStream), createWriteStream(files.to, { mode: OWNER_ONLY.file }), { signal: work.signal });
  return hash.digest('hex');
}

/** Returns the SHA-256 of the decrypted file, hex. Rejects with 10002 for another key, 40003 for a file that was changed or cut. */
export async function decryptFile(files: { from: string; to: string }, identity: string | undefined, work: WorkInHand): Promise<string> {
  const hash = createHash('sha256');
  const decrypter = decrypterFor(identity);
  const source = createReadStream(files.from);
  try {
    const plain = await opened(() => decrypter.decrypt(Readable.toWeb(source) as ReadableStream<Uint8Array> as never));
    await pipeline(Readable.fromWeb(plain as unknown as ReadableStream), watched(work, (chunk) => hash.update(chunk)), createWriteStream(files.to, { mode: OWNER_ONLY.file }), { signal: work.signal });
  } catch (error) {
    work.signal.throwIfAborted();
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) throw error;
    if (error instanceof BotError) throw error;
    throw new BotError(40003, 'an encrypted file was changed or cut: its seal does not fit', { fix: 'Use another copy of this backup, or another backup: npx bot backup list.' });
  } finally {
    source.destroy();
  }
  return hash.digest('hex');
}

async function opened<T>(decrypt: () => Promise<T>): Promise<T> {
  try {
    return await decrypt();
  } catch (error) {
    if (error instanceof Error && /no identity matched/i.test(error.message)) {
      throw keyProblem('the backup was encrypted for other keys', 'Set BACKUP_AGE_IDENTITY to the identity of one of the recipients in its manifest.json.');
    }
    throw error;
  }
}

function encrypterFor(recipients: readonly string[]): Encrypter {
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      throw keyProblem(`"${recipient.slice(0, 12)}…" in backup.age_recipients is no age recipient`, 'Give what age-keygen prints as public key: age1 and 58 more characters.');
    }
  }
  return encrypter;
}

function decrypterFor(identity: string | undefined): Decrypter {
  if (identity === undefined) throw keyProblem('the backup is encrypted, and no identity is given', 'Set BACKUP_AGE_IDENTITY (or BACKUP_AGE_IDENTITY_FILE) of the maintenance worker.');
  const decrypter = new Decrypter();
  for (const one of identitiesIn(identity)) {
    try {
      decrypter.addIdentity(one);
    } catch {
      throw keyProblem('BACKUP_AGE_IDENTITY is no age identity', 'Give the line AGE-SECRET-KEY-1… of the file that age-keygen wrote.');
    }
  }
  return decrypter;
}

/** Comments and empty lines of an identity file are not keys. */
function identitiesIn(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0 || !lines.every((line) => /^AGE-SECRET-KEY-/.test(line))) throw keyProblem('BACKUP_AGE_IDENTITY is no age identity', 'Give the line AGE-SECRET-KEY-1… of the file that age-keygen wrote.');
  return lines;
}

function watched(work: WorkInHand, see: (chunk: Buffer) => void): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      see(chunk);
      bytes += chunk.length;
      work.progress(`decrypting: ${bytes} bytes`);
      done(null, chunk);
    },
  });
}

function keyProblem(problem: string, fix: string): BotError {
  return new BotError(10002, `backup encryption: ${problem}`, { fix });
}
