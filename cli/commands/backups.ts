/** `bot backup list|show`: which backups there are, what one holds. */
import { EXIT, type ExitCode } from '../exit-codes.js';
import { backupReply, backupsReply } from '../replies.js';
import type { Session } from '../session.js';

const BYTES_PER_MB = 1024 * 1024;

export async function listBackups({ api, say, give, remark }: Session): Promise<ExitCode> {
  const reply = await api.get('/api/v1/backups', backupsReply);
  for (const { backup_id: id, verified, pinned, bytes, places, newest_execution_at: newest } of reply.backups) {
    say(`${id}  ${verified ? 'verified    ' : 'NOT VERIFIED'}  ${(bytes / BYTES_PER_MB).toFixed(1).padStart(9)} MB  ${places.join('+').padEnd(9)}  trades until ${newest ?? 'none'}${pinned ? '  pinned' : ''}`);
  }
  if (reply.backups.length === 0) say('no backups: npx bot backup makes one');
  const verified = reply.backups.some((backup) => backup.verified);
  if (reply.backups.length > 0 && !verified) remark('None of them counts: a backup counts only once it was restored and compared (npx bot backup verify ID).');
  give(reply);
  return verified ? EXIT.ok : EXIT.degraded;
}

export async function showBackup({ api, say, give }: Session, id: string): Promise<ExitCode> {
  const reply = await api.get(`/api/v1/backups/${encodeURIComponent(id)}`, backupReply);
  const { backup, reason, encrypted_for: recipients, left_out: leftOut, files, tables } = reply;
  say(`${backup.backup_id}: ${backup.kind}, taken ${backup.taken_at}, ${backup.verified ? `verified ${backup.verified_at ?? ''}` : 'NOT VERIFIED'}, in ${backup.places.join(' and ')}`);
  say(`database ${backup.database} of PostgreSQL ${backup.server_version}${reason === '' ? '' : `; reason: ${reason}`}`);
  say(recipients.length === 0 ? 'not encrypted' : `encrypted for ${recipients.join(', ')}`);
  for (const file of files) say(`  ${file.name.padEnd(28)} ${String(file.bytes).padStart(12)} bytes  ${file.holds}`);
  for (const { table, rows } of tables) say(`  ${table.padEnd(28)} ${rows.padStart(12)} rows`);
  if (leftOut.length > 0) say(['left out:', ...leftOut.map((line) => `  ${line}`)].join('\n'));
  give(reply);
  return EXIT.ok;
}
