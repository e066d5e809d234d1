import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

/** A booked transaction. Its reference is unique in its project. */
export const LedgerTransactionEntity = defineEntity({
  name: 'LedgerTransaction',
  tableName: 'ledger_transactions',
  properties: {
    id: p.bigint('string').primary().autoincrement(),
    projectId: p.uuid(),
    /** Job and item that booked it, or updated it last. */
    jobId: p.uuid(),
    itemIndex: p.bigint('number'),
    reference: p.text(),
    account: p.text(),
    amount: p.decimal('string').columnType('numeric'),
    currency: p.text(),
    occurredAt: p.datetime(),
    description: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
  uniques: [{ properties: ['projectId', 'reference'] }],
  indexes: [{ properties: ['projectId', 'id'] }, { properties: ['jobId', 'id'] }],
});
export type LedgerTransaction = InferEntity<typeof LedgerTransactionEntity>;
