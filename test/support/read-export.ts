import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environmentWith } from '../../src/config/environment.ts';
import type { ExportFormat } from '../../src/domain/export.ts';
import { findPyarrow } from './pyarrow.ts';
import { findPythonPackage } from './python-package.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../contract/read-export.py', import.meta.url));

let packages: Promise<string[]> | undefined;

/** An export file as Python's own readers see it. */
export async function readExport(format: ExportFormat, content: Uint8Array): Promise<unknown> {
  packages ??= Promise.all([findPyarrow(), findPythonPackage('openpyxl')]);
  const searchPath = (await packages).join(delimiter);
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-read-'));
  try {
    const path = join(folder, 'file');
    await writeFile(path, content);
    const { stdout } = await run('python3', [script, format.toLowerCase(), path], {
      maxBuffer: 100_000_000,
      env: environmentWith({ PYTHONPATH: searchPath }),
    });
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What it prints for a workbook: texts, numbers and truth values as they are, moments in ISO 8601. */
export interface XlsxReading {
  [sheet: string]: { header: string[]; bold: boolean[]; frozen: string | null; rows: unknown[][] };
}

/** What it prints for Parquet. */
export interface ParquetReading {
  types: Record<string, string>;
  groups: number;
  rows: { index: number; value: string }[];
}

/** What it prints for a ZIP: each file as its format is read, and what was measured of it. */
export interface ZipReading {
  names: string[];
  files: Record<string, unknown>;
  measured: Record<string, { sha256: string; byteSize: number }>;
}
