import type { KeptFile } from '../database/sql/item-files/read-kept-files.ts';
import type { ExportSource } from './export-source.ts';
import { safeFileName } from './file-name.ts';
import type { StoredZipFile } from './zip-files.ts';

/** The files of a job's items as "files/<index>-<file name>"; where one item has two of a name, the second is "<index>-2-…". */
export async function* itemZipFiles({ files, openFile }: ExportSource): AsyncGenerator<StoredZipFile> {
  let item = -1;
  let taken = new Set<string>();
  for await (const page of files()) {
    for (const file of page) {
      if (file.index !== item) taken = new Set();
      item = file.index;
      yield { name: uniqueName(file, taken), open: () => openFile(file), item: file.index };
    }
  }
}

function uniqueName({ index, fileName }: KeptFile, taken: Set<string>): string {
  const safe = safeFileName(fileName);
  for (let number = 1; ; number += 1) {
    const name = `files/${index}-${number === 1 ? '' : `${number}-`}${safe}`;
    // Some file systems do not tell cases apart.
    const key = name.toLowerCase();
    if (taken.has(key)) continue;
    taken.add(key);
    return name;
  }
}
