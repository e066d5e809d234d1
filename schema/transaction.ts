import { z } from 'zod';
import type { LedgerTransaction } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { fromCursor, toCursor } from './cursor.ts';
import { findUuid } from './global-id.ts';
import { jobGlobalId, JobNode } from './job-node.ts';
import { loadJob } from './loaders.ts';
import { pageArgs, toConnection, toPageRequest } from './paging.ts';

const TransactionType = builder.objectRef<LedgerTransaction>('Transaction').implement({
  description: "A booked transaction of the project's ledger.",
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Number of the entry in the ledger.' }),
    reference: t.exposeString('reference', { description: 'Name of the transaction, unique in the project.' }),
    account: t.exposeString('account', { description: 'Account that the amount is booked on.' }),
    amount: t.expose('amount', { type: 'Decimal', description: 'Exact amount in the currency; negative for a debit.' }),
    currency: t.exposeString('currency', { description: 'ISO 4217 currency code.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When the transaction took place.' }),
    description: t.exposeString('description', { nullable: true, description: 'Free text.' }),
    jobId: t.id({
      description: 'The job that booked it, or updated it last.',
      resolve: ({ jobId }) => jobGlobalId(jobId),
    }),
    job: t.field({
      type: JobNode,
      nullable: true,
      description: 'The job that booked it, or updated it last; null when it was deleted.',
      resolve: ({ jobId }, _, context) => loadJob(jobId, context),
    }),
    itemIndex: t.expose('itemIndex', { type: 'BigInt', description: 'Index of the item in that job.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was booked.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was changed last.' }),
  }),
});

const TransactionConnection = builder.connectionObject(
  { name: 'TransactionConnection', type: TransactionType, description: 'A page of the ledger.' },
  { name: 'TransactionEdge', description: 'A transaction in a page.' },
);

const TransactionFilterInput = builder.inputType('TransactionFilterInput', {
  description: 'Which transactions; what is left out lets all through.',
  fields: (t) => ({
    jobId: t.id({ description: 'Those that this job booked, or updated last.' }),
    references: t.stringList({ description: 'Those with one of these references.' }),
    account: t.string({ description: 'Those of this account.' }),
    currency: t.string({ description: 'Those in this currency.' }),
    occurredFrom: t.field({ type: 'DateTime', description: 'Those that took place at this moment or later.' }),
    occurredTo: t.field({ type: 'DateTime', description: 'Those that took place before this moment.' }),
    amountFrom: t.field({ type: 'Decimal', description: 'Those of this amount or more.' }),
    amountTo: t.field({ type: 'Decimal', description: 'Those of this amount or less.' }),
  }),
});

const nobody = '00000000-0000-0000-0000-000000000000';

builder.queryField('transactions', (t) =>
  t.field({
    type: TransactionConnection,
    access: 'READ',
    description: "The project's ledger, in the order of booking.",
    args: {
      filter: t.arg({ type: TransactionFilterInput, description: 'Which transactions; all by default.' }),
      ...pageArgs,
    },
    resolve: async (_, { filter, ...page }, { services, viewer }) => {
      const found = await services.reads.listLedgerTransactions(
        viewer,
        {
          // An id that names nothing has booked nothing.
          jobId: filter?.jobId ? (findUuid('Job', filter.jobId) ?? nobody) : null,
          references: filter?.references ?? null,
          account: filter?.account ?? null,
          currency: filter?.currency ?? null,
          occurredFrom: filter?.occurredFrom ?? null,
          occurredTo: filter?.occurredTo ?? null,
          amountFrom: filter?.amountFrom ?? null,
          amountTo: filter?.amountTo ?? null,
        },
        toPageRequest(page, (cursor) => fromCursor(cursor, z.tuple([z.string().regex(/^\d{1,18}$/)]))[0]),
      );
      return toConnection(found, ({ id }) => toCursor([id]));
    },
  }),
);
