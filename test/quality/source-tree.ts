/** The repository as a value: path → text. The tidy checks judge such a tree, real or planted. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** paths are relative to the root, with forward slashes */
export type SourceTree = ReadonlyMap<string, string>;

const NOT_OURS = ['.git', 'node_modules', 'dist', 'data', 'logs', 'reports', 'backup', 'coverage'];
const TEXT = /\.(ts|mjs|cjs|js|json|md|sql|ya?ml|sh|py|css|html)$|^(\.ci\/run|\.gitignore|\.npmrc)$/;

export async function readSourceTree(root: string): Promise<SourceTree> {
  const tree = new Map<string, string>();
  for (const path of await pathsBelow(root, '')) tree.set(path, TEXT.test(path) ? await readFile(join(root, path), 'utf8') : '');
  return tree;
}

async function pathsBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory() && !(folder === '' && NOT_OURS.includes(entry.name))) found.push(...(await pathsBelow(root, path)));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}
