import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { generateTransactions, transactionColumns } from './generate-transactions.ts';
import { writeTransactions } from './write-transactions.ts';

test('the file reads back as the rows it was made of, and is the same file the next time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-csv-'));
  try {
    const path = join(folder, 'deep', 'transactions.csv');
    const first = await writeTransactions(path, 2500);
    const content = await readFile(path);
    expect(parse(content)).toEqual([transactionColumns, ...generateTransactions(2500).map((row) => row.cells)]);
    expect(first).toEqual({ path, byteSize: content.length, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await writeTransactions(path, 2500)).toEqual(first);
  } finally {
    await rm(folder, { recursive: true });
  }
});
