// Peak memory and speed of reading a workbook as a source, for a small and a large one. Each is read by a process of its own.
// Prints a table and, last, one line of JSON.
//   node bench/source-memory.ts [<rows> …]
import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ZipArchive } from 'archiver';
import { openSource } from '../src/sources/open-source.ts';
import { createLocalDiskStorage } from '../src/storage/local-disk.ts';
import { workbookParts } from '../test/support/zip.ts';

const run = promisify(execFile);
const [, , first, folder] = process.argv;

if (first === 'read' && folder !== undefined) {
  console.log(JSON.stringify(await readWorkbook(folder)));
} else {
  const sizes = process.argv.slice(2).map(Number);
  const measured = [];
  for (const rows of sizes.length > 0 ? sizes : [10_000, 500_000]) measured.push(await measure(rows));
  console.table(measured);
  console.log(JSON.stringify(measured));
}

async function measure(rows: number) {
  const root = await mkdtemp(join(tmpdir(), 'longhaul-bench-'));
  try {
    const path = join(root, 'book.xlsx');
    await writeWorkbook(path, rows);
    const storage = createLocalDiskStorage(root);
    await storage.put('uploads/book', createReadStream(path));
    const { stdout } = await run(process.execPath, [fileURLToPath(import.meta.url), 'read', root]);
    const { count, peakMiB, seconds } = JSON.parse(stdout) as Awaited<ReturnType<typeof readWorkbook>>; // What this file prints.
    if (count !== rows) throw new Error(`${count} of ${rows} rows were read.`);
    const fileMiB = Math.round((await stat(path)).size / 2 ** 20);
    return { rows, 'file, MiB': fileMiB, 'peak, MiB': peakMiB, 'rows/s': Math.round(rows / seconds) };
  } finally {
    await rm(root, { recursive: true });
  }
}

async function readWorkbook(root: string) {
  const started = performance.now();
  let count = 0;
  const source = { kind: 'upload' as const, uploadId: 'book', format: 'XLSX' as const };
  for await (const rows of openSource(source, { storage: createLocalDiskStorage(root) })) {
    count += rows.filter(({ problem }) => !problem).length;
  }
  const peakMiB = Math.round(process.resourceUsage().maxRSS / 1_024);
  return { count, peakMiB, seconds: (performance.now() - started) / 1_000 };
}

/** Six columns, each row with a shared text of its own. */
async function writeWorkbook(path: string, rows: number): Promise<void> {
  const archive = new ZipArchive();
  const written = pipeline(Readable.from(archive), createWriteStream(path));
  const [sheetStart = '', sheetEnd = ''] = split(workbookParts('<!-- -->'), 'xl/worksheets/sheet1.xml');
  for (const { name, content } of workbookParts('', { sharedStrings: '' })) {
    if (name === 'xl/worksheets/sheet1.xml') archive.append(Readable.from(sheet(rows, sheetStart, sheetEnd)), { name });
    else if (name === 'xl/sharedStrings.xml') archive.append(Readable.from(texts(rows)), { name });
    else archive.append(content, { name });
  }
  await archive.finalize();
  await written;
}

function split(parts: ReturnType<typeof workbookParts>, part: string): string[] {
  return String(parts.find(({ name }) => name === part)?.content).split('<!-- -->');
}

function* sheet(rows: number, start: string, end: string): Generator<string> {
  yield start;
  const names = ['reference', 'account', 'amount', 'currency', 'occurredAt', 'description'];
  yield `<row>${names.map((name) => `<c t="inlineStr"><is><t>${name}</t></is></c>`).join('')}</row>`;
  for (let row = 0; row < rows; row += 1) {
    yield `<row r="${row + 2}"><c r="A${row + 2}" t="s"><v>${row}</v></c><c r="B${row + 2}"><v>${row % 1_000}</v></c><c r="C${row + 2}"><v>${row}.25</v></c><c r="D${row + 2}" t="inlineStr"><is><t>EUR</t></is></c><c r="E${row + 2}"><v>46083.5</v></c><c r="F${row + 2}" t="s"><v>${row}</v></c></row>`;
  }
  yield end;
}

function* texts(rows: number): Generator<string> {
  yield '<sst>';
  for (let row = 0; row < rows; row += 1) yield `<si><t>a text that only row ${row} of the sheet has, twice</t></si>`;
  yield '</sst>';
}
