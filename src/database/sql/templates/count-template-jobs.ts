import type { Pool } from 'pg';

/** How many jobs that are not deleted were submitted with each template. */
export async function countTemplateJobs(pool: Pool, templateIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ id: string; count: string }>(
    `select t.template_id as id, count(*) as count from job_templates t join jobs j on j.id = t.job_id
     where t.template_id = any($1) and j.deleted_at is null group by 1`,
    [templateIds],
  );
  return new Map(rows.map(({ id, count }) => [id, Number(count)]));
}
