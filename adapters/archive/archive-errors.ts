/** Rebuilds what goes wrong with files and S3 as a `BotError`. Nothing of a foreign error travels on but its code: S3's carry requests with signatures. */
import { BotError, isBotError } from '../../core/errors/bot-error.js';

/** `what` completes "could not …". */
export function fileError(error: unknown, what: string): unknown {
  if (isBotError(error) || !(error instanceof Error) || error.name === 'AbortError') return error;
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return new BotError(10006, `could not ${what}: the disk is full`, { foreignCode: code, retryable: false, fix: 'Free space on the disk of backup.folder, or lower backup.retention, then run it again.' });
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return new BotError(10007, `could not ${what}: not allowed (${code})`, { foreignCode: code, fix: 'Make backup.folder writable for the user of the maintenance worker.' });
  if (code === 'ENOENT') return new BotError(40004, `could not ${what}: a file is not there`, { foreignCode: code, retryable: false, fix: 'npx bot backup list shows which backups there are.' });
  return code === '' ? error : new BotError(10006, `could not ${what}: ${code}`, { foreignCode: code });
}

const REFUSED = new Set(['AccessDenied', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'NoSuchBucket', 'PermanentRedirect', 'AuthorizationHeaderMalformed', 'InvalidBucketName', 'CredentialsProviderError']);

export function storageError(error: unknown, { what, where }: { what: string; where: string }): unknown {
  if (isBotError(error) || !(error instanceof Error) || error.name === 'AbortError') return error;
  const name = error.name === 'Error' ? codeOf(error) || 'no answer' : error.name;
  if (REFUSED.has(name)) return new BotError(40004, `the storage ${where} refused to ${what}: ${name}`, { foreignCode: name, retryable: false, fix: 'Check backup.s3 in the configuration, and BACKUP_S3_ACCESS_KEY_ID and BACKUP_S3_SECRET_ACCESS_KEY of the maintenance worker.' });
  return new BotError(40004, `the storage ${where} could not ${what}: ${name}`, { foreignCode: name, fix: 'Check that backup.s3.endpoint can be reached from this machine; the copy is made by the next backup.' });
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
