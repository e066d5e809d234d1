import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify/sync';
import { generateTransactions, transactionColumns } from './generate-transactions.ts';

export interface TransactionsFile {
  path: string;
  byteSize: number;
  /** Lower-case hexadecimal. */
  sha256: string;
}

/** Writes `rows` generated transactions as CSV with a header; the same file, byte for byte, for the same number of rows. */
export async function writeTransactions(path: string, rows: number): Promise<TransactionsFile> {
  await mkdir(dirname(path), { recursive: true });
  const hash = createHash('sha256');
  const unfinished = `${path}.unfinished`;
  await pipeline(
    Readable.from(csvBlocks(rows)),
    async function* (blocks: AsyncIterable<string>) {
      for await (const block of blocks) {
        hash.update(block);
        yield block;
      }
    },
    createWriteStream(unfinished),
  );
  await rename(unfinished, path);
  return { path, byteSize: (await stat(path)).size, sha256: hash.digest('hex') };
}

function* csvBlocks(rows: number): Generator<string> {
  let block: (readonly string[])[] = [transactionColumns];
  for (const { cells } of generateTransactions(rows)) {
    if (block.push(cells) < 1000) continue;
    yield stringify(block);
    block = [];
  }
  yield stringify(block);
}
