import { chmod, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createLatchFile, UNREADABLE_HALT_ID } from '../../../../adapters/host/latch-file.js';

const LATCH = { haltId: 'halt-1', atMs: 1_700_000_000_000, reason: 'storm', actor: 'operator' };

describe('the latch file', () => {
  let folder: string;
  beforeEach(async () => { folder = await mkdtemp(path.join(tmpdir(), 'latch-')); });

  it('is not set before anybody has set it, and holds what was set for whoever reads the same folder', async () => {
    expect(await createLatchFile(folder).read()).toBeNull();
    await createLatchFile(folder).set(LATCH);
    expect(await createLatchFile(folder).read()).toEqual(LATCH);
    expect(await readdir(folder)).toEqual(['emergency-latch.json']);
  });

  it('keeps the first halt when a second one sets it', async () => {
    const latch = createLatchFile(folder);
    await latch.set(LATCH);
    await latch.set({ ...LATCH, haltId: 'halt-2' });
    expect(await latch.read()).toEqual(LATCH);
  });

  it('lets go only for the halt that holds it', async () => {
    const latch = createLatchFile(folder);
    await latch.set(LATCH);
    await expect(latch.clear('halt-2')).rejects.toMatchObject({ code: 10009 });
    expect(await latch.read()).toEqual(LATCH);
    await latch.clear('halt-1');
    await latch.clear('halt-1');
    expect(await latch.read()).toBeNull();
  });

  it.each(['', '{"haltId":', '{}', 'null', '{"haltId":7}'])('counts as set when it holds %j, and can be set and released then', async (content) => {
    const latch = createLatchFile(folder);
    await writeFile(path.join(folder, 'emergency-latch.json'), content);
    expect(await latch.read()).toMatchObject({ haltId: UNREADABLE_HALT_ID });
    await latch.set(LATCH);
    expect(await latch.read()).toEqual(LATCH);
    await writeFile(path.join(folder, 'emergency-latch.json'), content);
    await latch.clear(UNREADABLE_HALT_ID);
    expect(await latch.read()).toBeNull();
  });

  it('makes its folder, and says what to do when it cannot be written', async () => {
    const deep = path.join(folder, 'not', 'there', 'yet');
    await createLatchFile(deep).set(LATCH);
    expect(await createLatchFile(deep).read()).toEqual(LATCH);

    await writeFile(path.join(folder, 'file'), '');
    await chmod(path.join(folder, 'file'), 0o600);
    await expect(createLatchFile(path.join(folder, 'file')).set(LATCH)).rejects.toMatchObject({ code: 10007 });
  });
});
