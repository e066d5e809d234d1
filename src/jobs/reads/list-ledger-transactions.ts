import type { Database } from '../../database/database.ts';
import { LedgerTransactionEntity, type LedgerTransaction } from '../../job-types/transactions/ledger-transaction.ts';
import type { Viewer } from '../commands.ts';
import { toPage, type Page, type PageRequest } from './page.ts';

/** Null lets all through. Amounts are decimals as text. */
export interface LedgerFilter {
  jobId: string | null;
  references: readonly string[] | null;
  account: string | null;
  currency: string | null;
  /** Included. */
  occurredFrom: Date | null;
  /** Excluded. */
  occurredTo: Date | null;
  /** Both included. */
  amountFrom: string | null;
  amountTo: string | null;
}

/** The project's ledger in the order of booking; the cursor is the last id. */
export async function listLedgerTransactions(
  database: Database,
  viewer: Viewer,
  filter: LedgerFilter,
  request: PageRequest<string>,
): Promise<Page<LedgerTransaction>> {
  const rows = await database.em().find(
    LedgerTransactionEntity,
    {
      projectId: viewer.projectId,
      ...(filter.jobId === null ? {} : { jobId: filter.jobId }),
      ...(filter.references === null ? {} : { reference: { $in: [...filter.references] } }),
      ...(filter.account === null ? {} : { account: filter.account }),
      ...(filter.currency === null ? {} : { currency: filter.currency }),
      $and: [
        ...(request.after === null ? [] : [{ id: { $gt: request.after } }]),
        ...(filter.occurredFrom === null ? [] : [{ occurredAt: { $gte: filter.occurredFrom } }]),
        ...(filter.occurredTo === null ? [] : [{ occurredAt: { $lt: filter.occurredTo } }]),
        ...(filter.amountFrom === null ? [] : [{ amount: { $gte: filter.amountFrom } }]),
        ...(filter.amountTo === null ? [] : [{ amount: { $lte: filter.amountTo } }]),
      ],
    },
    { orderBy: { id: 'asc' }, limit: request.limit + 1 },
  );
  return toPage(rows, request);
}
