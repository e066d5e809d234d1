// The job of `seedTransactions`, as each format of an export shows it.
import { transactionRows } from '../support/exported-jobs.ts';

const input = (index: number) => ({
  ...transactionRows[index],
  currency: 'EUR',
  occurredAt: '2026-03-02T09:30:00.000Z',
});
const missing = { code: 'INVALID_ITEM', field: 'account', message: 'account is missing' };
export const failures = [
  { index: 4, key: 'bad', state: 'FAILED', input: { reference: 'bad', amount: true }, output: null, error: missing },
  {
    index: 5,
    key: 'raw',
    state: 'FAILED',
    input: { reference: 'raw', amount: '0.1234567890123456789', nested: { a: [1, 2] } },
    output: null,
    error: missing,
  },
];
export const items = [
  {
    index: 0,
    key: 'r-0',
    state: 'SUCCEEDED',
    input: input(0),
    output: { transactionId: '9007199254740993', action: 'INSERTED' },
    error: null,
  },
  {
    index: 1,
    key: 'r-1',
    state: 'SUCCEEDED',
    input: input(1),
    output: { transactionId: '9007199254740994', action: 'UPDATED' },
    error: null,
  },
  {
    index: 2,
    key: '-5',
    state: 'SKIPPED',
    input: input(2),
    output: { transactionId: '9007199254740995', action: 'SKIPPED' },
    error: null,
  },
  { index: 3, key: 'r-3', state: 'PENDING', input: input(3), output: null, error: null },
  ...failures,
];
export const aggregates = {
  count: 6,
  totalAmount: '1234567890123456789.00',
  byCurrency: [{ currency: 'EUR', averageAmount: '-0.10' }],
};

const noError = { error_code: '', error_field: '', error_message: '' };
const noOutput = { transactionId: '', action: '' };
const common = { currency: 'EUR', occurredAt: '2026-03-02T09:30:00.000Z' };
const csvError = { error_code: 'INVALID_ITEM', error_field: 'account', error_message: 'account is missing' };
export const csvFailures = [
  {
    index: '4',
    key: 'bad',
    state: 'FAILED',
    reference: 'bad',
    account: '',
    amount: 'true',
    currency: '',
    occurredAt: '',
    description: '',
    ...noOutput,
    ...csvError,
  },
  {
    index: '5',
    key: 'raw',
    state: 'FAILED',
    reference: 'raw',
    account: '',
    amount: '0.1234567890123456789',
    currency: '',
    occurredAt: '',
    description: '',
    ...noOutput,
    ...csvError,
  },
];
/** What a spreadsheet would run has an apostrophe before it; figures are as they were. */
export const csvItems = [
  {
    index: '0',
    key: 'r-0',
    state: 'SUCCEEDED',
    ...transactionRows[0],
    ...common,
    description: `'=HYPERLINK("http://x")`,
    transactionId: '9007199254740993',
    action: 'INSERTED',
    ...noError,
  },
  {
    index: '1',
    key: 'r-1',
    state: 'SUCCEEDED',
    ...transactionRows[1],
    account: "'+1",
    ...common,
    transactionId: '9007199254740994',
    action: 'UPDATED',
    ...noError,
  },
  {
    index: '2',
    key: '-5',
    state: 'SKIPPED',
    ...transactionRows[2],
    account: "'@x",
    description: "'\ttab",
    ...common,
    transactionId: '9007199254740995',
    action: 'SKIPPED',
    ...noError,
  },
  { index: '3', key: 'r-3', state: 'PENDING', ...transactionRows[3], ...common, ...noOutput, ...noError },
  ...csvFailures,
];
export const csvAggregates = [
  { name: 'count', value: '6' },
  { name: 'byCurrency.0.currency', value: 'EUR' },
  { name: 'byCurrency.0.averageAmount', value: '-0.10' },
  { name: 'totalAmount', value: '1234567890123456789.00' },
];

export const parquetTypes = {
  index: 'int64',
  key: 'string',
  state: 'string',
  reference: 'string',
  account: 'string',
  amount: 'decimal128(38, 18)',
  currency: 'string',
  occurredAt: 'timestamp[ms, tz=UTC]',
  description: 'string',
  transactionId: 'string',
  action: 'string',
  error_code: 'string',
  error_field: 'string',
  error_message: 'string',
  unfit_values: 'string',
};
const amounts = [
  '1234567890123456789.100000000000000000',
  '-0.100000000000000000',
  '-7.000000000000000000',
  '12345678901234567.123456789000000000',
  null,
  null,
];
const unfit = [null, null, null, null, '{"amount":true}', '{"amount":"0.1234567890123456789"}'];
export const parquetItems = items.map(({ index, key, state, input: given, output, error }) => ({
  index,
  key,
  state,
  reference: given.reference ?? null,
  account: 'account' in given ? given.account : null,
  amount: amounts[index],
  currency: 'currency' in given ? given.currency : null,
  occurredAt: 'occurredAt' in given ? '2026-03-02T09:30:00+00:00' : null,
  description: 'description' in given ? given.description : null,
  transactionId: output?.transactionId ?? null,
  action: output?.action ?? null,
  error_code: error?.code ?? null,
  error_field: error?.field ?? null,
  error_message: error?.message ?? null,
  unfit_values: unfit[index],
}));

const xlsxHeader = Object.keys(parquetTypes).filter((name) => name !== 'unfit_values');
const xlsxAmounts = [
  '1234567890123456789.10',
  -0.1,
  -7,
  '12345678901234567.123456789',
  'true',
  '0.1234567890123456789',
];
/** Rows in the order of the header. */
export const xlsxItems = parquetItems.map((row, index) =>
  Object.entries(row)
    .filter(([name]) => name !== 'unfit_values')
    .map(([name, value]) => {
      if (name === 'amount') return xlsxAmounts[index];
      return name === 'occurredAt' && value !== null ? '2026-03-02T09:30:00' : value;
    }),
);
export const xlsxSheet = (rowsOfSheet: unknown[][]) => ({
  header: xlsxHeader,
  bold: xlsxHeader.map(() => true),
  frozen: 'A2',
  rows: rowsOfSheet,
});
export const xlsxAggregates = {
  header: ['name', 'value'],
  bold: [true, true],
  frozen: 'A2',
  rows: [
    ['count', 6],
    ['byCurrency.0.currency', 'EUR'],
    ['byCurrency.0.averageAmount', '-0.10'],
    ['totalAmount', '1234567890123456789.00'],
  ],
};
