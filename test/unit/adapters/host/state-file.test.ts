import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStateArchive } from '../../../../adapters/host/state-file.js';
import { SNAPSHOTS_KEPT } from '../../../../core/snapshot/snapshot-file.js';
import { silentLogger } from '../../../support/silent-logger.js';

const T0 = Date.UTC(2026, 0, 5);
let dataDir: string;
beforeEach(async () => { dataDir = await mkdtemp(path.join(tmpdir(), 'state-')); });
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const archive = () => createStateArchive({ dataDir, logger: silentLogger });
const files = async (): Promise<string[]> => (await readdir(path.join(dataDir, 'state'))).sort();

describe('a kept snapshot', () => {
  it('is the very text, for its owner only, and is told by name, length and digest', async () => {
    const text = '{ "price": "1 €" }\n';
    const { file, bytes, sha256 } = await archive().keep({ kind: 'save', takenAtMs: T0, text });
    const full = path.join(dataDir, file);
    expect(await readFile(full, 'utf8')).toBe(text);
    expect({ bytes, sha256 }).toEqual({ bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') });
    expect((await stat(full)).mode & 0o777).toBe(0o600);
    expect(await files()).toEqual([path.basename(file)]);
  });

  it('has company of the newest fifty of its kind at most; other kinds and foreign files stay', async () => {
    const kept = archive();
    await kept.keep({ kind: 'emergency', takenAtMs: T0, text: 'e' });
    await writeFile(path.join(dataDir, 'state', 'notes.txt'), 'mine');
    for (let index = 0; index < SNAPSHOTS_KEPT + 3; index += 1) await kept.keep({ kind: 'save', takenAtMs: T0 + index * 1_000, text: String(index) });
    const names = await files();
    expect(names.filter((name) => name.startsWith('state-'))).toHaveLength(SNAPSHOTS_KEPT);
    expect(names.filter((name) => name.startsWith('state-'))[0]).toContain('T00-00-03.000Z');
    expect(names).toEqual(expect.arrayContaining(['notes.txt', expect.stringMatching(/^emergency-/)]));
  });

  it('of one instant does not replace another', async () => {
    const kept = archive();
    await Promise.all([kept.keep({ kind: 'save', takenAtMs: T0, text: 'a' }), kept.keep({ kind: 'save', takenAtMs: T0, text: 'b' })]);
    expect(await files()).toHaveLength(2);
  });

  it('that cannot be written is refused with 10007, without a path of this machine, and leaves nothing behind', async () => {
    await writeFile(path.join(dataDir, 'state'), 'a file where the folder should be');
    const refusal = archive().keep({ kind: 'save', takenAtMs: T0, text: 'x' });
    await expect(refusal).rejects.toMatchObject({ code: 10007, message: expect.not.stringContaining(dataDir) as string });
    await rm(path.join(dataDir, 'state'));
    await mkdir(path.join(dataDir, 'state'));
    expect(await files()).toEqual([]);
  });
});
