import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nullWhenMissing } from './null-when-missing.ts';
import type { FilePage, StoredFile } from './storage.ts';

const pageSize = 1_000;

/** Files below a key, by the names of each folder in order, so that a page goes on where the one before ended. */
export async function listDiskFiles(
  root: string,
  key: string,
  { after = null, limit = pageSize }: { after?: string | null; limit?: number },
): Promise<FilePage> {
  const files: StoredFile[] = [];
  for await (const found of walk(root, key, after?.split('/').slice(key.split('/').length) ?? [])) {
    if (files.length === limit) return { files, next: files.at(-1)?.key ?? null };
    files.push(found);
  }
  return { files, next: null };
}

/** `after` is the rest of the last key that was given, below this folder. */
async function* walk(root: string, key: string, [last, ...below]: string[]): AsyncGenerator<StoredFile> {
  for (const { name, isFolder } of await readNames(join(root, key))) {
    if (last !== undefined && name < last) continue;
    const path = `${key}/${name}`;
    if (isFolder) {
      yield* walk(root, path, name === last ? below : []);
    } else if (name !== last) {
      const found = await stat(join(root, path)).catch(nullWhenMissing);
      if (found) yield { key: path, byteSize: found.size, modifiedAt: found.mtime };
    }
  }
}

async function readNames(path: string): Promise<{ name: string; isFolder: boolean }[]> {
  const folder = await opendir(path).catch(nullWhenMissing);
  const entries: { name: string; isFolder: boolean }[] = [];
  for await (const entry of folder ?? []) {
    // Partial files and drafts.
    if (!entry.name.startsWith('.')) entries.push({ name: entry.name, isFolder: entry.isDirectory() });
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}
