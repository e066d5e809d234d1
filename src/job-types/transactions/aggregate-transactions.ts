import type { TransactionalStageContext } from '../define-job-type.ts';
import type { TransactionAggregates, TransactionOptions } from './transactions.ts';

/** Sums up what the job booked, exactly, from the items that succeeded. */
export async function aggregateTransactions({
  sql,
  jobId,
}: TransactionalStageContext<TransactionOptions>): Promise<TransactionAggregates> {
  const { rows } = await sql.query<{ currency: string | null; count: string; total: string; average: string }>(
    `select i.payload ->> 'currency' as currency, count(*) as count,
            coalesce(sum((i.payload ->> 'amount')::numeric), 0)::text as total,
            round(coalesce(avg((i.payload ->> 'amount')::numeric), 0), 6)::text as average
     from item_results r join items i using (job_id, index)
     where r.job_id = $1 and r.state = 'SUCCEEDED'
     group by grouping sets ((i.payload ->> 'currency'), ())
     order by currency nulls last`,
    [jobId],
  );
  const { rows: counts } = await sql.query<{ total: string; succeeded: string; failed: string; skipped: string }>(
    'select total, succeeded, failed, skipped from jobs where id = $1',
    [jobId],
  );
  const overall = rows.find((row) => row.currency === null);
  const [job] = counts;
  return {
    count: Number(job?.total),
    succeeded: Number(job?.succeeded),
    failed: Number(job?.failed),
    skipped: Number(job?.skipped),
    totalAmount: overall?.total ?? '0',
    averageAmount: overall?.average ?? '0',
    byCurrency: rows.flatMap(({ currency, count, total, average }) =>
      currency === null ? [] : [{ currency, count: Number(count), totalAmount: total, averageAmount: average }],
    ),
  };
}
