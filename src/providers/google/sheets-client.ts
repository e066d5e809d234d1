import { sheets, type sheets_v4 } from '@googleapis/sheets';
import { toError, type DomainError } from '../../domain/errors.ts';
import { authorize } from './authorize.ts';
import { toGoogleError } from './google-errors.ts';
import type { GoogleEndpoints, GoogleIdentity } from './google-identity.ts';

/** A part of a tab: rows and columns from 0, the ends not included. */
export interface SheetArea {
  startRow: number;
  endRow: number;
  startColumn: number;
  endColumn: number;
}

export interface SheetTab {
  id: number;
  title: string;
  rowCount: number;
  columnCount: number;
  isHidden: boolean;
}

export interface Spreadsheet {
  title: string;
  /** Those with cells, in their order. */
  tabs: SheetTab[];
  /** A side that is open has no number. */
  namedRanges: { name: string; tabId: number; area: Partial<SheetArea> }[];
}

export type CellValue = string | number | boolean | null;

/** SERIALS: a date is a number of days. SHOWN: a date is the text that people see. All else is the same in both. */
export type DateRendering = 'SERIALS' | 'SHOWN';

export type QuotaKind = 'READS' | 'WRITES';

/** Google's Sheets API, as far as it is needed here. Every call is one request; all throw a DomainError. */
export interface SheetsClient {
  describe(spreadsheetId: string): Promise<Spreadsheet>;
  /** The values of ranges in A1 notation, each row as long as its last cell that is not empty. @throws ResponseTooLargeError past 64 MiB */
  read(spreadsheetId: string, ranges: readonly string[], dates: DateRendering): Promise<CellValue[][][]>;
  /** Texts as they are: none becomes a formula, a number or a date. */
  write(spreadsheetId: string, data: readonly { range: string; rows: string[][] }[]): Promise<void>;
  addColumns(spreadsheetId: string, tabId: number, count: number): Promise<void>;
}

export interface SheetsDeps {
  endpoints: GoogleEndpoints;
  identity: GoogleIdentity;
  intent: 'READ' | 'WRITE';
  signal: AbortSignal;
  /** Requests a minute that may be sent, to say it. */
  limit: number;
  /** Of one answer. */
  maxResponseBytes?: number;
  /** Settles when a request may be sent. @throws LimitExceededError */
  takeTurn(kind: QuotaKind): Promise<void>;
  /** Google asked to wait. */
  onRefused(kind: QuotaKind, refusal: { forMs: number; reason: string }): Promise<void>;
}

/** An answer that is too large to hold: ask for less. */
export class ResponseTooLargeError extends Error {}

const defaultMaxResponseBytes = 64 * 2 ** 20;
const timeoutMs = 60_000;

export function createSheetsClient(deps: SheetsDeps): SheetsClient {
  const { endpoints, identity, intent, signal, maxResponseBytes = defaultMaxResponseBytes } = deps;
  const api = sheets({
    version: 'v4',
    auth: authorize(identity, endpoints, intent),
    ...(endpoints.rootUrl === null ? {} : { rootUrl: new URL('/', endpoints.rootUrl).href }),
    // Who calls decides when to try again.
    retry: false,
    timeout: timeoutMs,
    maxContentLength: maxResponseBytes,
  }).spreadsheets;

  async function ask<T>(kind: QuotaKind, spreadsheetId: string, request: () => Promise<{ data: T }>): Promise<T> {
    await deps.takeTurn(kind);
    try {
      return (await request()).data;
    } catch (thrown) {
      signal.throwIfAborted();
      if (isTooLarge(toError(thrown)))
        throw new ResponseTooLargeError(`Google answered with more than ${maxResponseBytes} bytes.`);
      const error = toGoogleError(thrown, { identity, spreadsheetId, intent, limit: deps.limit });
      const forMs = retryAfterOf(error);
      if (error.code === 'LIMIT_EXCEEDED' && forMs !== null)
        await deps.onRefused(kind, { forMs, reason: error.message });
      throw error;
    }
  }

  return {
    describe: async (spreadsheetId) =>
      toSpreadsheet(await ask('READS', spreadsheetId, () => api.get({ spreadsheetId, fields }, { signal }))),

    read: async (spreadsheetId, ranges, dates) => {
      const { valueRanges = [] } = await ask('READS', spreadsheetId, () =>
        api.values.batchGet(
          {
            spreadsheetId,
            ranges: [...ranges],
            valueRenderOption: 'UNFORMATTED_VALUE',
            dateTimeRenderOption: dates === 'SERIALS' ? 'SERIAL_NUMBER' : 'FORMATTED_STRING',
            fields: 'valueRanges.values',
          },
          { signal },
        ),
      );
      // An empty range has no values, and one answer for each range is promised.
      return ranges.map((_, at) => (valueRanges[at]?.values ?? []) as CellValue[][]);
    },

    write: async (spreadsheetId, data) => {
      const values = data.map(({ range, rows }) => ({ range, values: rows }));
      const requestBody = { valueInputOption: 'RAW', data: values };
      await ask('WRITES', spreadsheetId, () => api.values.batchUpdate({ spreadsheetId, requestBody }, { signal }));
    },

    addColumns: async (spreadsheetId, tabId, length) => {
      const requests = [{ appendDimension: { sheetId: tabId, dimension: 'COLUMNS', length } }];
      await ask('WRITES', spreadsheetId, () =>
        api.batchUpdate({ spreadsheetId, requestBody: { requests } }, { signal }),
      );
    },
  };
}

const fields =
  'properties.title,namedRanges(name,range),sheets.properties(sheetId,title,hidden,sheetType,gridProperties(rowCount,columnCount))';

function toSpreadsheet({ properties, sheets: tabs = [], namedRanges = [] }: sheets_v4.Schema$Spreadsheet): Spreadsheet {
  return {
    title: properties?.title ?? '',
    tabs: tabs.flatMap(({ properties: tab }) =>
      // Charts and connected data have no cells.
      tab?.gridProperties && (tab.sheetType ?? 'GRID') === 'GRID'
        ? [
            {
              // What is zero or false is left out by Google.
              id: tab.sheetId ?? 0,
              title: tab.title ?? '',
              rowCount: tab.gridProperties.rowCount ?? 0,
              columnCount: tab.gridProperties.columnCount ?? 0,
              isHidden: tab.hidden ?? false,
            },
          ]
        : [],
    ),
    namedRanges: namedRanges.map(({ name, range }) => ({
      name: name ?? '',
      tabId: range?.sheetId ?? 0,
      area: toArea(range ?? {}),
    })),
  };
}

function toArea({ startRowIndex, endRowIndex, startColumnIndex, endColumnIndex }: sheets_v4.Schema$GridRange) {
  return {
    startRow: startRowIndex ?? 0,
    startColumn: startColumnIndex ?? 0,
    ...(typeof endRowIndex === 'number' ? { endRow: endRowIndex } : {}),
    ...(typeof endColumnIndex === 'number' ? { endColumn: endColumnIndex } : {}),
  };
}

function retryAfterOf(error: DomainError): number | null {
  return 'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : null;
}

/** node-fetch and gaxios each have a word for it. */
function isTooLarge(error: Error): boolean {
  return /over limit|over the limit/.test(error.message);
}
