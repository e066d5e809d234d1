import { z } from 'zod';
import { defineJobType } from '../define-job-type.ts';
import { bigCount, dateTime, decimal } from '../fields.ts';
import { aggregateTransactions } from './aggregate-transactions.ts';
import { insertTransactions } from './insert-transactions.ts';
import { validateTransactions } from './validate-transactions.ts';

const knownCurrencies = new Set(Intl.supportedValuesOf('currency'));

export const transactionItem = z.object({
  reference: z.string().min(1).max(200).describe('Name of the transaction, unique in the project.'),
  account: z.string().min(1).max(200).describe('Account that the amount is booked on.'),
  amount: decimal('Exact amount in the currency; negative for a debit.'),
  currency: z
    .string()
    .refine((code) => knownCurrencies.has(code), {
      error: (issue) => `must be an ISO 4217 currency code like EUR, not ${JSON.stringify(issue.input)}`,
    })
    .describe('ISO 4217 currency code.'),
  occurredAt: dateTime('When the transaction took place.'),
  description: z.string().max(2_000).optional().describe('Free text.'),
});

export const transactionOptions = z.object({
  onDuplicate: z
    .enum(['SKIP', 'FAIL', 'UPDATE'])
    .default('SKIP')
    .meta({
      description:
        'What happens to an item whose reference is in the ledger already, from another job or from another item of this one.',
      values: {
        SKIP: 'The item is SKIPPED; the entry stays as it is.',
        FAIL: 'The item is FAILED; the entry stays as it is.',
        UPDATE: 'The entry takes the values of the item.',
      },
    }),
});

export const transactionOutput = z.object({
  transactionId: z.string().describe('Id of the ledger entry.'),
  action: z.enum(['INSERTED', 'UPDATED', 'SKIPPED']).meta({
    description: 'What was done to the ledger.',
    values: {
      INSERTED: 'A new entry was made.',
      UPDATED: 'The entry with this reference was changed.',
      SKIPPED: 'The entry with this reference was left as it is.',
    },
  }),
});

const currencyAggregates = z.object({
  currency: z.string().describe('ISO 4217 currency code.'),
  count: bigCount('Booked transactions in this currency.'),
  totalAmount: decimal('Sum of their amounts.'),
  averageAmount: decimal('Mean of their amounts, to 6 decimals.'),
});

export const transactionAggregates = z.object({
  count: bigCount('Items of the job.'),
  succeeded: bigCount('Transactions that were booked.'),
  failed: bigCount('Items that failed.'),
  skipped: bigCount('Items that were skipped.'),
  totalAmount: decimal('Sum of all booked amounts as plain numbers, across currencies and unconverted.'),
  averageAmount: decimal('Mean of all booked amounts as plain numbers, to 6 decimals; 0 when nothing was booked.'),
  byCurrency: z.array(currencyAggregates).describe('The same for each currency, in the order of their codes.'),
});

export type TransactionItem = z.output<typeof transactionItem>;
export type TransactionOptions = z.output<typeof transactionOptions>;
export type TransactionOutput = z.input<typeof transactionOutput>;
export type TransactionAggregates = z.input<typeof transactionAggregates>;

/** Books transactions in the project's ledger, each exactly once. */
export const transactions = defineJobType({
  name: 'transactions',
  itemName: 'Transaction',
  title: 'Bulk transactions',
  description: 'Books transactions in the ledger in bulk, each exactly once, and sums them up by currency.',
  item: transactionItem,
  options: transactionOptions,
  output: transactionOutput,
  aggregates: transactionAggregates,
  itemKey: (item) => item.reference,
  coerceItem: (raw) => (typeof raw.currency === 'string' ? { ...raw, currency: raw.currency.toUpperCase() } : raw),
  declaredItemsPerSecond: 10_000,
  stages: [
    {
      kind: 'ITEMS',
      name: 'VALIDATE',
      verb: 'Validating',
      transactional: false,
      weight: 1,
      batchSize: 5_000,
      concurrency: 1,
      process: async (items) => validateTransactions(items),
    },
    { kind: 'ITEMS', name: 'INSERT', verb: 'Inserting', transactional: true, weight: 3, process: insertTransactions },
    { kind: 'ONCE', name: 'AGGREGATE', verb: 'Adding up', run: aggregateTransactions },
  ],
  example: {
    options: { onDuplicate: 'SKIP' },
    items: [
      {
        reference: 'INV-2026-0001',
        account: 'DE02120300000000202051',
        amount: '1249.90',
        currency: 'EUR',
        occurredAt: '2026-03-02T09:30:00Z',
        description: 'Standing desk',
      },
      {
        reference: 'INV-2026-0002',
        account: 'GB33BUKB20201555555555',
        amount: '-15.00',
        currency: 'GBP',
        occurredAt: '2026-03-02',
      },
    ],
  },
});
