import { z } from 'zod';
import { average, count, groupBy, jobCount, sum } from '../../aggregates/declare-aggregates.ts';
import { defineJobType } from '../define-job-type.ts';
import { dateTime, decimal } from '../fields.ts';
import { insertTransactions } from './insert-transactions.ts';
import { validateTransactions } from './validate-transactions.ts';

const knownCurrencies = new Set(Intl.supportedValuesOf('currency'));

export const transactionItem = z.object({
  reference: z
    .string()
    .min(1)
    .max(200)
    .meta({
      description: 'Name of the transaction, unique in the project.',
      aliases: ['Ref', 'Transaction ID', 'Transaction reference'],
    }),
  account: z
    .string()
    .min(1)
    .max(200)
    .meta({ description: 'Account that the amount is booked on.', aliases: ['Account number', 'IBAN'] }),
  amount: decimal('Exact amount in the currency; negative for a debit.'),
  currency: z
    .string()
    .refine((code) => knownCurrencies.has(code), {
      error: (issue) => `must be an ISO 4217 currency code like EUR, not ${JSON.stringify(issue.input)}`,
    })
    .meta({ description: 'ISO 4217 currency code.', aliases: ['Currency code'] }),
  occurredAt: dateTime('When the transaction took place.', { aliases: ['Date', 'Occurred on', 'Transaction date'] }),
  description: z
    .string()
    .max(2_000)
    .optional()
    .meta({ description: 'Free text.', aliases: ['Memo', 'Note'] }),
});

export const transactionOptions = z.object({
  onDuplicate: z
    .enum(['SKIP', 'FAIL', 'UPDATE'])
    .default('SKIP')
    .meta({
      description:
        'What happens to an item whose reference is in the ledger already, from another job or from another item of this one: of several items with one new reference the one whose chunk commits first books it; with `lockKey: "reference"` it is the first in the source.',
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

export type TransactionItem = z.output<typeof transactionItem>;
export type TransactionOptions = z.output<typeof transactionOptions>;
export type TransactionOutput = z.input<typeof transactionOutput>;

/** Books transactions in the project's ledger, each exactly once. */
export const transactions = defineJobType({
  name: 'transactions',
  itemName: 'Transaction',
  title: 'Bulk transactions',
  description: 'Books transactions in the ledger in bulk, each exactly once, and sums them up by currency and account.',
  item: transactionItem,
  options: transactionOptions,
  output: transactionOutput,
  aggregates: {
    count: jobCount('total', 'Items of the job.'),
    succeeded: jobCount('succeeded', 'Transactions that were booked.'),
    failed: jobCount('failed', 'Items that failed.'),
    skipped: jobCount('skipped', 'Items that were skipped.'),
    totalAmount: sum('input.amount', 'Sum of all booked amounts as plain numbers, across currencies and unconverted.'),
    averageAmount: average(
      'input.amount',
      'Mean of all booked amounts as plain numbers, to 6 decimals; null when nothing was booked.',
    ),
    byCurrency: groupBy('input.currency', 'The same for each currency, in the order of their codes.', {
      as: 'currency',
      figures: {
        count: count('Booked transactions in this currency.'),
        totalAmount: sum('input.amount', 'Sum of their amounts.'),
        averageAmount: average('input.amount', 'Mean of their amounts, to 6 decimals.'),
      },
    }),
    byAccount: groupBy('input.account', 'The accounts with the greatest sums, the greatest first.', {
      as: 'account',
      top: { by: 'totalAmount' },
      figures: {
        count: count('Booked transactions on this account.'),
        totalAmount: sum('input.amount', 'Sum of their amounts as plain numbers, across currencies and unconverted.'),
        averageAmount: average('input.amount', 'Mean of their amounts as plain numbers, to 6 decimals.'),
      },
    }),
  },
  itemKey: (item) => item.reference,
  coerceItem: (raw) => (typeof raw.currency === 'string' ? { ...raw, currency: raw.currency.toUpperCase() } : raw),
  declaredItemsPerSecond: 10_000,
  stages: [
    {
      kind: 'ITEMS',
      name: 'VALIDATE',
      verb: 'Validating',
      transactional: false,
      isWithoutEffect: true,
      weight: 1,
      batchSize: 5_000,
      concurrency: 1,
      process: async (items) => validateTransactions(items),
    },
    { kind: 'ITEMS', name: 'INSERT', verb: 'Inserting', transactional: true, weight: 3, process: insertTransactions },
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
