import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import type { TestClient } from '../support/graphql-client.ts';
import { workbookParts, writeZip } from '../support/zip.ts';

let api: TestApi;
let client: TestClient;
let stranger: TestClient;
let upload: TestApi['upload'];

beforeAll(async () => {
  api = await startTestApi();
  ({ client, stranger, upload } = api);
  await api.engine.startWorker();
});
afterAll(() => api.close());

interface Submitted {
  __typename: string;
  job?: { id: string };
  message?: string;
}

async function submit(source: Record<string, unknown>): Promise<Submitted> {
  const { submitJob } = await client.query<{ submitJob: Submitted }>(
    `mutation ($input: SubmitJobInput!) { submitJob(input: $input) { __typename
       ... on SubmitJobPayload { job { id } } ... on Error { message } ... on InvalidInputError { issues { path message } } } }`,
    { input: { title: 'Sources', spec: { transactions: {} }, source: { upload: source } } },
  );
  return submitJob;
}

/** What the job made of its source, once it is over. */
async function run(source: Record<string, unknown>): Promise<unknown[]> {
  const { job, message } = await submit(source);
  if (!job) throw new Error(message);
  await client.subscribe('subscription ($id: ID!) { jobEvents(jobId: $id) { sequence } }', { id: job.id }).all();
  const answer = await client.query<{ job: { items: { nodes: unknown[] } } }>(
    'query ($id: ID!) { job(id: $id) { items { nodes { key state ... on TransactionItem { input { account amount description } } } } } }',
    { id: job.id },
  );
  return answer.job.items.nodes;
}

const header = ['reference', 'account', 'amount', 'currency', 'occurredAt', 'description'];
const values = (reference: string) => [reference, 'Müller', '1234567.89', 'EUR', '2026-01-02', 'Café'];
const table = (reference: string, delimiter: string) =>
  [header, values(reference)].map((line) => line.join(delimiter)).join('\n');
const done = (key: string) => ({
  key,
  state: 'SUCCEEDED',
  input: { account: 'Müller', amount: '1234567.89', description: 'Café' },
});

describe('A job over a file', () => {
  const object = (reference: string) => Object.fromEntries(header.map((name, at) => [name, values(reference)[at]]));

  test.each([
    ['semicolons.csv', table('semicolons.csv', ';')],
    ['pipes.csv', table('pipes.csv', '|')],
    ['tabs.tsv', table('tabs.tsv', '\t')],
    ['array.json', JSON.stringify([object('array.json')], null, 2)],
    ['utf16.csv', Buffer.from(`\uFEFF${table('utf16.csv', ';')}`, 'utf16le')],
  ])('is read as its name and its first bytes tell: %s', async (name, content) => {
    expect(await run({ uploadId: await upload(name, content) })).toEqual([done(name)]);
  });

  test('is read as the client says', async () => {
    const uploadId = await upload('said', Buffer.from(table('said', '~'), 'latin1'));
    expect(await run({ uploadId, format: 'CSV', delimiter: '~', encoding: 'latin1' })).toEqual([done('said')]);
  });

  test('in JSON keeps every digit of its numbers', async () => {
    const amount = '12345678901234567890.123';
    const content = JSON.stringify([object('digits')]).replace('"1234567.89"', amount);
    expect(await run({ uploadId: await upload('digits.json', content) })).toMatchObject([{ input: { amount } }]);
  });

  test('is refused with every reason when it cannot be read as the client says', async () => {
    const uploadId = await upload('refused.csv', table('refused', ','));
    expect(await submit({ uploadId, delimiter: '; ', encoding: 'latin-99' })).toEqual({
      __typename: 'InvalidInputError',
      message: 'The file cannot be read like this: delimiter must be one character, and no quote or line break.',
      issues: [
        { path: ['source', 'upload', 'delimiter'], message: 'must be one character, and no quote or line break' },
        {
          path: ['source', 'upload', 'encoding'],
          message: 'must be a label like utf-8, latin1 or windows-1252, not "latin-99"',
        },
      ],
    });
    expect(await submit({ uploadId, format: 'TSV', delimiter: ';' })).toMatchObject({
      issues: [{ message: 'is for CSV, not for TSV' }],
    });
  });
});

describe('A job over a workbook or an archive', () => {
  const text = (value: string) => `<c t="inlineStr"><is><t>${value}</t></is></c>`;
  const row = (reference: string) =>
    `<row>${text(reference)}${text('Müller')}<c><v>1234567.89</v></c>${text('EUR')}<c s="1"><v>46024.5</v></c>${text('Café')}</row>`;
  const workbook = (...rows: string[]) =>
    writeZip(
      workbookParts(`<row>${header.map(text).join('')}</row>${rows.join('')}`, {
        styles: '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>',
      }),
    );

  test('takes numbers, dates and references of cells as its fields need them, and fails a cell without a value', async () => {
    const broken = row('x-2').replace('<v>1234567.89</v>', '<f>1/0</f>');
    const number = row('x-3').replace(text('x-3'), '<c><v>1003</v></c>');
    const uploadId = await upload('book.xlsx', workbook(row('x-1'), broken, number));
    expect(await run({ uploadId, sheet: 'Data', headerRow: 1 })).toMatchObject([
      done('x-1'),
      { key: '1', state: 'FAILED' },
      done('1003'),
    ]);
  });

  test('finds its format by the file in an archive whose name tells none', async () => {
    const files = [
      { name: 'data/zipped.csv', content: table('zipped', ';') },
      { name: 'data/other.csv', content: table('other', ';') },
    ];
    const uploadId = await upload('data.zip', writeZip(files));
    expect(await run({ uploadId, entry: 'data/zipped.csv' })).toEqual([done('zipped')]);
    expect(await submit({ uploadId })).toMatchObject({
      __typename: 'InvalidInputError',
      message: expect.stringContaining('say which as entry; there are: "data/zipped.csv", "data/other.csv".'),
    });
    expect(await run({ uploadId: await upload('book.zip', workbook(row('x-4'))) })).toEqual([done('x-4')]);
  });

  test('is refused where a sheet or an encoding makes no sense', async () => {
    const uploadId = await upload('refused.csv', table('refused', ','));
    expect(await submit({ uploadId, sheet: 'Data', headerRow: 1 })).toMatchObject({
      issues: [
        { path: ['source', 'upload', 'sheet'], message: 'is for XLSX, not for CSV' },
        { path: ['source', 'upload', 'headerRow'], message: 'is for XLSX, not for CSV' },
      ],
    });
    expect(await submit({ uploadId, format: 'XLSX', headerRow: 0, encoding: 'utf-8' })).toMatchObject({
      issues: [
        { path: ['source', 'upload', 'encoding'], message: 'is for text, not for XLSX' },
        { path: ['source', 'upload', 'headerRow'], message: 'must be 1 or more, not 0' },
      ],
    });
  });
});

describe('A mapping of columns to fields', () => {
  const content = 'Beleg;Konto;Betrag;currency;occurredAt;amount\nm-1;Müller;12.50;EUR;2026-01-02;ignored\n';
  const columns = [
    { column: 'Beleg', field: 'reference' },
    { column: 'Konto', field: 'account' },
    { column: 'Betrag', field: 'amount' },
  ];

  test('names columns before the items are held to their schema', async () => {
    expect(await run({ uploadId: await upload('mapped.csv', content), columns })).toEqual([
      { key: 'm-1', state: 'SUCCEEDED', input: { account: 'Müller', amount: '12.50', description: null } },
    ]);
  });

  test('holds for JSON, where a row may lack a column', async () => {
    const rows = [
      { Beleg: 'm-2', Konto: 'A', Betrag: '1.00', currency: 'EUR', occurredAt: '2026-01-02' },
      { Beleg: 'm-3', Konto: 'A', currency: 'EUR', occurredAt: '2026-01-02' },
      ['m-4'],
    ];
    expect(await run({ uploadId: await upload('mapped.json', JSON.stringify(rows)), columns })).toMatchObject([
      { key: 'm-2', state: 'SUCCEEDED' },
      { key: 'm-3', state: 'FAILED' },
      { key: '2', state: 'FAILED' },
    ]);
    expect(await run({ uploadId: await upload('empty.json', '[]'), columns })).toEqual([]);
  });

  test('of what is not there is refused with the names that there are', async () => {
    const uploadId = await upload('wrong.csv', content);
    expect(await submit({ uploadId, columns: [{ column: 'Beleg', field: 'ref' }] })).toEqual({
      __typename: 'InvalidInputError',
      message:
        'The file cannot be read like this: field must be one of reference, account, amount, currency, occurredAt, description, not "ref".',
      issues: [
        {
          path: ['source', 'upload', 'columns', '0', 'field'],
          message: 'must be one of reference, account, amount, currency, occurredAt, description, not "ref"',
        },
      ],
    });
    expect(await submit({ uploadId, columns: [...columns, { column: 'IBAN', field: 'description' }] })).toEqual({
      __typename: 'InvalidInputError',
      message: '"IBAN" is no column of the source; there are: Beleg, Konto, Betrag, currency, occurredAt, amount.',
      issues: [
        {
          path: ['source', 'upload', 'columns', '3', 'column'],
          message: '"IBAN" is no column of the source; there are: Beleg, Konto, Betrag, currency, occurredAt, amount',
        },
      ],
    });
  });

  test('that names something twice is refused', async () => {
    const uploadId = await upload('twice.csv', content);
    const twice = [...columns, { column: 'Konto', field: 'description' }, { column: 'currency', field: 'account' }];
    expect(await submit({ uploadId, columns: twice })).toMatchObject({
      issues: [
        { path: ['source', 'upload', 'columns', '3', 'column'], message: '"Konto" is named twice' },
        { path: ['source', 'upload', 'columns', '4', 'field'], message: '"account" is named twice' },
      ],
    });
  });
});

describe('previewSource', () => {
  const preview = async (source: Record<string, unknown>, input: Record<string, unknown> = {}, by = client) => {
    const { previewSource } = await by.query<{ previewSource: unknown }>(
      `query ($input: PreviewSourceInput!) { previewSource(input: $input) { __typename
         ... on PreviewSourcePayload { columns rows { row key raw isValid issues { row field message } } }
         ... on Error { message code } } }`,
      { input: { spec: { transactions: {} }, source, ...input } },
    );
    return previewSource;
  };
  const lines = [
    'Ref;account;amount;currency;occurredAt',
    'p-1;A;1,5;EUR;2026-01-02',
    'p-2;A;1.5;EUR;2026-01-02',
    'p-3;A',
  ];
  const columns = [{ column: 'Ref', field: 'reference' }];
  const names = ['Ref', 'account', 'amount', 'currency', 'occurredAt'];
  const raw = (reference: string, amount: string) => ({
    Ref: reference,
    account: 'A',
    amount,
    currency: 'EUR',
    occurredAt: '2026-01-02',
  });

  test('answers columns and rows, each with what a job would make of it, and creates nothing', async () => {
    const countJobs = async () =>
      (await api.engine.services.database.pool.query('select count(*)::int as count from jobs')).rows;
    const before = await countJobs();
    const file = { uploadId: await upload('preview.csv', lines.join('\n')), columns };
    expect(await preview({ upload: file })).toEqual({
      __typename: 'PreviewSourcePayload',
      columns: names,
      rows: [
        {
          row: '1',
          key: 'p-1',
          raw: raw('p-1', '1,5'),
          isValid: false,
          issues: [{ row: '1', field: 'amount', message: 'must be a decimal number like 1234.50, not "1,5"' }],
        },
        { row: '2', key: 'p-2', raw: raw('p-2', '1.5'), isValid: true, issues: [] },
        {
          row: '3',
          key: null,
          raw: ['p-3', 'A'],
          isValid: false,
          issues: [{ row: '3', field: null, message: 'has 2 columns, but the header has 5' }],
        },
      ],
    });
    expect(await preview({ upload: file }, { validation: 'PERMISSIVE', rows: 1 })).toMatchObject({
      rows: [{ key: 'p-1', isValid: true }],
    });
    expect(await countJobs()).toEqual(before);
  });

  test('answers ten rows unless told otherwise, of a file however long', async () => {
    const rows = Array.from({ length: 5_000 }, (_, index) => ({ value: `row ${index}`, [`c${index % 3}`]: 1.5 }));
    const uploadId = await upload('long.json', JSON.stringify(rows));
    const spec = { echo: {} };
    const found = await preview({ upload: { uploadId } }, { spec });
    expect(found).toMatchObject({ columns: ['value', 'c0', 'c1', 'c2'], rows: { length: 10, 9: { raw: rows[9] } } });
    expect(await preview({ upload: { uploadId } }, { spec, rows: 100 })).toMatchObject({ rows: { length: 100 } });
    expect(await preview({ inline: { items: rows.slice(0, 2) } }, { spec })).toMatchObject({ rows: { length: 2 } });
  });

  test('looks into a workbook, and says the cell that has no value', async () => {
    const content = writeZip(
      workbookParts(
        '<row><c t="str"><v>value</v></c></row><row><c><v>1.5</v></c></row><row><c t="e"><v>#REF!</v></c></row>',
      ),
    );
    const uploadId = await upload('cells.xlsx', content);
    expect(await preview({ upload: { uploadId } }, { spec: { echo: {} } })).toMatchObject({
      columns: ['value'],
      rows: [
        { row: '1', raw: { value: 1.5 }, isValid: true },
        { row: '2', raw: { value: '#REF!' }, issues: [{ field: 'value', message: 'holds the error #REF! (cell A3)' }] },
      ],
    });
    expect(await preview({ upload: { uploadId, format: 'CSV' } })).toMatchObject({
      __typename: 'InvalidInputError',
      message: 'The file is an XLSX workbook, but it is to be read as CSV. Say its format.',
    });
  });

  test('shows what is in a row that Postgres could not hold', async () => {
    const uploadId = await upload('nul.jsonl', '{"value":"a\\u0000b"}\n');
    expect(await preview({ upload: { uploadId } }, { spec: { echo: {} } })).toMatchObject({
      rows: [{ raw: { value: 'a\uFFFDb' }, issues: [{ field: 'value', message: 'holds a NUL character' }] }],
    });
  });

  test('of what cannot be read is a typed error', async () => {
    const latin = await upload('latin.csv', Buffer.from('reference\né\n', 'latin1'));
    const invalid = { __typename: 'InvalidInputError', code: 'INVALID_INPUT' };
    expect(await preview({ upload: { uploadId: latin } })).toEqual({
      ...invalid,
      message: 'The file is not UTF-8 (at byte 11). Save it as UTF-8, or say its encoding.',
    });
    expect(await preview({ upload: { uploadId: await upload('object.json', '{}') } })).toMatchObject(invalid);
    expect(await preview({ upload: { uploadId: latin, encoding: 'latin1', columns } })).toEqual({
      ...invalid,
      message: '"Ref" is no column of the source; there are: reference.',
    });
    expect(await preview({ upload: { uploadId: latin } }, { rows: 101 })).toEqual({
      ...invalid,
      message: 'rows must be 1 to 100, not 101.',
    });
  });

  test('of a file that is not there, not sent or not yours is a typed error', async () => {
    const format = 'CSV';
    const unknown = await preview({ upload: { uploadId: '018f0000-0000-7000-8000-0000000000aa', format } });
    expect(unknown).toMatchObject({ __typename: 'NotFoundError' });
    expect(await preview({ upload: { uploadId: await upload('later.csv', null) } })).toMatchObject({
      __typename: 'ConflictError',
    });
    const uploadId = await upload('mine.csv', table('mine', ','));
    expect(await preview({ upload: { uploadId, format } }, {}, stranger)).toMatchObject({
      __typename: 'NotFoundError',
    });
  });
});
