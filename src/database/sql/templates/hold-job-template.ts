import type { PoolClient } from 'pg';

export interface HeldTemplate {
  templateId: string | null;
  version: number | null;
  fileIds: readonly string[];
}

/** Notes what a job holds of templates; of a job that runs again what its earlier runs need stays held. */
export async function holdJobTemplate(
  client: Pick<PoolClient, 'query'>,
  jobId: string,
  { templateId, version, fileIds }: HeldTemplate,
): Promise<void> {
  await client.query(
    `insert into job_templates (job_id, template_id, version, file_ids) values ($1, $2, $3, $4)
     on conflict (job_id) do update set template_id = excluded.template_id, version = excluded.version,
       file_ids = array(select unnest(job_templates.file_ids) union select unnest(excluded.file_ids))`,
    [jobId, templateId, version, fileIds],
  );
}
