import type { PoolClient } from 'pg';
import type { ItemOutcome, TransactionalStageContext, WorkItem } from '../define-job-type.ts';
import type { TransactionItem, TransactionOptions, TransactionOutput } from './transactions.ts';

type Outcome = ItemOutcome<TransactionOutput>;

/** Books a chunk in one statement. Of items with the same reference the one that is booked first counts; the others are duplicates. */
export async function insertTransactions(
  items: WorkItem<TransactionItem>[],
  context: TransactionalStageContext<TransactionOptions>,
): Promise<Outcome[]> {
  const firstOf = new Map<string, WorkItem<TransactionItem>>();
  for (const item of items) if (!firstOf.has(item.input.reference)) firstOf.set(item.input.reference, item);
  // References are locked in one order by every chunk, so that two chunks never wait for each other.
  const unique = [...firstOf.values()].sort((a, b) => (a.input.reference < b.input.reference ? -1 : 1));
  const booked = await insertLedgerTransactions(context.sql, context, unique);
  const existing = await findLedgerTransactions(
    context.sql,
    context.projectId,
    [...firstOf.keys()].filter((reference) => !booked.has(reference)),
  );
  const outcomes = items.map((item): Outcome | null => {
    const id = firstOf.get(item.input.reference) === item ? booked.get(item.input.reference) : undefined;
    return id === undefined ? null : { state: 'SUCCEEDED', output: { transactionId: id, action: 'INSERTED' } };
  });
  const duplicates = items.filter((_, position) => outcomes[position] === null);
  const decided = await decideDuplicates(duplicates, new Map([...existing, ...booked]), context);
  return outcomes.map((outcome) => outcome ?? decided.shift() ?? unreachable());
}

async function decideDuplicates(
  duplicates: WorkItem<TransactionItem>[],
  ids: Map<string, string>,
  context: TransactionalStageContext<TransactionOptions>,
): Promise<Outcome[]> {
  const idOf = (item: WorkItem<TransactionItem>) => ids.get(item.input.reference) ?? unreachable();
  switch (context.options.onDuplicate) {
    case 'SKIP':
      return duplicates.map((item) => ({ state: 'SKIPPED', output: { transactionId: idOf(item), action: 'SKIPPED' } }));
    case 'FAIL':
      return duplicates.map((item) => ({
        state: 'FAILED',
        error: {
          code: 'DUPLICATE_REFERENCE',
          field: 'reference',
          message: `reference "${item.input.reference}" is in the ledger already, as transaction ${idOf(item)}`,
        },
      }));
    case 'UPDATE':
      await updateLedgerTransactions(context.sql, context, duplicates);
      return duplicates.map((item) => ({
        state: 'SUCCEEDED',
        output: { transactionId: idOf(item), action: 'UPDATED' },
      }));
  }
}

interface Booking {
  projectId: string;
  jobId: string;
}

/** Ids by reference of those that were new. */
async function insertLedgerTransactions(
  sql: PoolClient,
  booking: Booking,
  items: WorkItem<TransactionItem>[],
): Promise<Map<string, string>> {
  const { rows } = await sql.query<{ id: string; reference: string }>(
    `insert into ledger_transactions (project_id, job_id, item_index, reference, account, amount, currency, occurred_at, description)
     select $1, $2, * from unnest($3::bigint[], $4::text[], $5::text[], $6::numeric[], $7::text[], $8::timestamptz[], $9::text[])
     on conflict (project_id, reference) do nothing
     returning id, reference`,
    [booking.projectId, booking.jobId, ...columns(items)],
  );
  return new Map(rows.map((row) => [row.reference, String(row.id)]));
}

async function findLedgerTransactions(
  sql: PoolClient,
  projectId: string,
  references: string[],
): Promise<Map<string, string>> {
  if (references.length === 0) return new Map();
  const { rows } = await sql.query<{ id: string; reference: string }>(
    'select id, reference from ledger_transactions where project_id = $1 and reference = any($2)',
    [projectId, references],
  );
  return new Map(rows.map((row) => [row.reference, String(row.id)]));
}

/** Of several items with one reference the last in the source wins. */
async function updateLedgerTransactions(
  sql: PoolClient,
  booking: Booking,
  items: WorkItem<TransactionItem>[],
): Promise<void> {
  if (items.length === 0) return;
  await sql.query(
    `update ledger_transactions l
     set job_id = $2, item_index = d.item_index, account = d.account, amount = d.amount, currency = d.currency,
         occurred_at = d.occurred_at, description = d.description, updated_at = now()
     from (
       select distinct on (reference) *
       from unnest($3::bigint[], $4::text[], $5::text[], $6::numeric[], $7::text[], $8::timestamptz[], $9::text[])
         as item (item_index, reference, account, amount, currency, occurred_at, description)
       order by reference, item_index desc
     ) d
     where l.project_id = $1 and l.reference = d.reference`,
    [booking.projectId, booking.jobId, ...columns(items)],
  );
}

function columns(items: WorkItem<TransactionItem>[]): unknown[][] {
  return [
    items.map((item) => item.index),
    items.map((item) => item.input.reference),
    items.map((item) => item.input.account),
    items.map((item) => item.input.amount),
    items.map((item) => item.input.currency),
    items.map((item) => item.input.occurredAt),
    items.map((item) => item.input.description ?? null),
  ];
}

function unreachable(): never {
  throw new Error('A duplicate vanished from the ledger while its chunk was booked.');
}
