import { LedgerTransactionEntity } from './transactions/ledger-transaction.ts';

/** Tables that job types bring along. */
export const jobTypeEntities = [LedgerTransactionEntity];
