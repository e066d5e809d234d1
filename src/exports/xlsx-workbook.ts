import type { Readable } from 'node:stream';
import { createArchive } from './archive.ts';
import { beginSheet, endSheet, sheetRow, stylesXml, type XlsxColumn } from './xlsx-sheet.ts';
import type { XlsxValue } from './xlsx-value.ts';

type Row = (XlsxValue | null)[];

/** A table of a workbook; its pages hold rows with a value for each column. */
export interface XlsxTable {
  name: string;
  columns: readonly XlsxColumn[];
  pages: AsyncIterable<Row[]>;
}

/** Most rows of a sheet, the header included (Excel specifications and limits). */
const maxSheetRows = 1_048_576;

/** A workbook as a stream, written sheet after sheet. A table that is longer than a sheet goes on in the next: "items", "items 2". */
export function xlsxWorkbook(tables: readonly XlsxTable[], maxRows = maxSheetRows): Readable {
  return createArchive(async (append) => {
    const names: string[] = [];
    for (const { name, columns, pages } of tables) {
      const rows = createCursor(pages);
      try {
        for (let sheet = 1; sheet === 1 || (await rows.hasMore()); sheet += 1) {
          names.push(sheet === 1 ? name : `${name} ${sheet}`);
          await append(sheetPath(names.length), sheetXml(columns, rows, maxRows));
        }
      } finally {
        await rows.close();
      }
    }
    const part = (path: string, xml: string) => append(path, one(`${declaration}${xml}`));
    await part('xl/styles.xml', stylesXml);
    await part('xl/workbook.xml', workbookXml(names));
    await part('xl/_rels/workbook.xml.rels', workbookRelationsXml(names.length));
    await part('_rels/.rels', rootRelationsXml);
    await part('[Content_Types].xml', contentTypesXml(names.length));
  });
}

async function* sheetXml(columns: readonly XlsxColumn[], rows: Cursor, maxRows: number): AsyncGenerator<string> {
  yield declaration + beginSheet(columns);
  let written = 1;
  while (written < maxRows) {
    const page = await rows.take(maxRows - written);
    if (page.length === 0) break;
    const first = written + 1;
    yield page.map((row, at) => sheetRow(first + at, row)).join('');
    written += page.length;
  }
  yield endSheet;
}

interface Cursor {
  /** The next rows, at most `limit`; none at the end. */
  take(limit: number): Promise<Row[]>;
  hasMore(): Promise<boolean>;
  close(): Promise<void>;
}

function createCursor(pages: AsyncIterable<Row[]>): Cursor {
  const iterator = pages[Symbol.asyncIterator]();
  let rest: Row[] = [];
  let ended = false;

  async function hasMore(): Promise<boolean> {
    while (rest.length === 0 && !ended) {
      const { value, done } = await iterator.next();
      if (done) ended = true;
      else rest = value;
    }
    return rest.length > 0;
  }

  return {
    hasMore,
    async take(limit) {
      await hasMore();
      const taken = rest.slice(0, limit);
      rest = rest.slice(limit);
      return taken;
    },
    async close() {
      await iterator.return?.();
    },
  };
}

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const officeNamespace = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packageNamespace = 'http://schemas.openxmlformats.org/package/2006';
const contentType = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Where the nth sheet lies, counted from 1. */
function sheetPath(sheet: number): string {
  return `xl/worksheets/sheet${sheet}.xml`;
}

/** The names are ours: none needs to be escaped. */
function workbookXml(names: readonly string[]): string {
  const sheets = names.map((name, at) => `<sheet name="${name}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`);
  return `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${officeNamespace}"><sheets>${sheets.join('')}</sheets></workbook>`;
}

function workbookRelationsXml(sheets: number): string {
  const relations = Array.from(
    { length: sheets },
    (_, at) =>
      `<Relationship Id="rId${at + 1}" Type="${officeNamespace}/worksheet" Target="worksheets/sheet${at + 1}.xml"/>`,
  );
  return `<Relationships xmlns="${packageNamespace}/relationships">${relations.join('')}<Relationship Id="rId${sheets + 1}" Type="${officeNamespace}/styles" Target="styles.xml"/></Relationships>`;
}

const rootRelationsXml = `<Relationships xmlns="${packageNamespace}/relationships"><Relationship Id="rId1" Type="${officeNamespace}/officeDocument" Target="xl/workbook.xml"/></Relationships>`;

function contentTypesXml(sheets: number): string {
  const overrides = Array.from(
    { length: sheets },
    (_, at) => `<Override PartName="/${sheetPath(at + 1)}" ContentType="${contentType}.worksheet+xml"/>`,
  );
  return `<Types xmlns="${packageNamespace}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${contentType}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${contentType}.styles+xml"/>${overrides.join('')}</Types>`;
}

async function* one(text: string): AsyncGenerator<string> {
  yield text;
}
