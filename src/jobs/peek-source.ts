import { Readable } from 'node:stream';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { ProviderError } from '../domain/errors.ts';
import type { GoogleSheetSource, JobSource, UrlSource } from '../domain/job.ts';
import type { ReadableSource } from '../sources/open-source.ts';
import { countRowsBehind, type RowRange } from '../sources/sheet/count-rows-behind.ts';
import type { SheetAccess } from '../sources/sheet/sheet-access.ts';
import { toCsvHeader, toCsvRows } from '../sources/sheet/sheet-csv.ts';
import { openTable, pageRowsOf, readPage } from '../sources/sheet/sheet-table.ts';
import { toReadable } from '../sources/to-readable.ts';
import { tellFormat } from '../sources/url/remote-file.ts';
import { openUrlFile } from '../sources/url/url-file.ts';
import type { Storage } from '../storage/storage.ts';
import type { Viewer } from './commands.ts';
import { freezeJob } from './freeze-source.ts';

export interface PeekRequest {
  /** ESTIMATE: of a sheet as much as one request brings, and how many rows lie behind that. PREVIEW: its first rows. */
  purpose: 'PREVIEW' | 'ESTIMATE';
  /** For all that others are asked. */
  timeoutMs: number;
}

/** A source to look into; nothing of it is kept. */
export interface PeekedSource {
  source: ReadableSource;
  storage: Pick<Storage, 'get' | 'head'>;
  /** False for a file whose server does not tell how large it is. */
  isSizeKnown: boolean;
  /** Rows of a sheet behind those that `source` gives. */
  rowsBehind: RowRange;
  close(): Promise<void>;
}

/** Opens a source where it lies, as far as it takes to look at its beginning. @throws DomainError when it cannot be opened */
export type PeekSource = (viewer: Viewer, source: JobSource, request: PeekRequest) => Promise<PeekedSource>;

export interface PeekSourceDeps {
  database: Database;
  storage: Storage;
  sheets: SheetAccess;
  config: Pick<Config, 'fetch' | 'maxUploadBytes'>;
}

/** Of a sheet in a preview; among them may be empty ones. */
const previewRows = 1_000;
const nothingBehind: RowRange = { expected: 0, least: 0, most: 0 };

/** Makes what opens sources; outside services are asked as whoever a source names, within their quotas and the networks that may be reached. */
export function createPeekSource({ database, storage, sheets, config }: PeekSourceDeps): PeekSource {
  const still = { storage, isSizeKnown: true, rowsBehind: nothingBehind, close: async () => undefined };

  return async (viewer, source, request) => {
    switch (source.kind) {
      case 'url':
        return await openUrl(source, request);
      case 'googleSheet':
        return await openSheet(viewer, source, request);
      case 'job': {
        const frozen = await freezeJob(database.em(), viewer.projectId, source);
        return { ...still, source: toReadable(frozen, database.pool) };
      }
      default:
        return { ...still, source };
    }
  };

  /** Its first rows, as a job would keep them. */
  async function openSheet(
    { projectId }: Viewer,
    source: GoogleSheetSource,
    { purpose, timeoutMs }: PeekRequest,
  ): Promise<PeekedSource> {
    const { spreadsheetId, accountId } = source;
    const signal = AbortSignal.timeout(timeoutMs);
    const request = { projectId, accountId, intent: 'READ' as const, consumer: `preview:${projectId}`, signal };
    const reading = sheets.use(request, async (client) => {
      const table = await openTable(client, source);
      const pageRows = purpose === 'PREVIEW' ? previewRows : pageRowsOf(table);
      const place = { spreadsheetId, table, from: table.area.startRow };
      const { rows, nextRow } = await readPage(client, { ...place, last: null, pageRows });
      const content = Buffer.concat([toCsvHeader(table), toCsvRows(rows)]);
      const rowsBehind =
        purpose === 'PREVIEW' ? nothingBehind : await countRowsBehind(client, { ...place, from: nextRow });
      return { content, rowsBehind };
    });
    const { content, rowsBehind } = await reading.catch((error: unknown) => {
      if (!signal.aborted) throw error;
      throw new ProviderError(`Google Sheets did not answer within ${timeoutMs / 1_000} s. Try again.`, {
        provider: 'google',
        retryAfterMs: 5_000,
      });
    });
    return {
      ...still,
      source: toReadable({ ...source, uploadId: 'sheet' }, database.pool),
      storage: {
        head: async () => ({ byteSize: content.length }),
        get: async (_key, range) =>
          Readable.from([content.subarray(range?.start ?? 0, (range?.end ?? content.length) + 1)]),
      },
      rowsBehind,
    };
  }

  /** The file stays where it is. */
  async function openUrl(source: UrlSource, { timeoutMs }: PeekRequest): Promise<PeekedSource> {
    const access = { ...config.fetch, maxBytes: config.maxUploadBytes, timeoutMs };
    const { remote, file, close } = await openUrlFile(access, source);
    try {
      const format = source.format ?? (await tellFormat(remote, file, source.entry ?? null));
      return {
        ...still,
        source: { ...source, kind: 'upload', uploadId: 'url', format },
        storage: { head: async () => ({ byteSize: file.byteSize }), get: (_key, range) => file.read(range) },
        isSizeKnown: remote.byteSize !== null,
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  }
}
