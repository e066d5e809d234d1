import type { Pool } from 'pg';
import type { TemplateVersion } from '../../entities/template-version.ts';

/** The newest version of each template, which changes with its template in one transaction. */
export async function readCurrentVersions(
  pool: Pool,
  templateIds: readonly string[],
): Promise<Pick<TemplateVersion, 'templateId' | 'settings'>[]> {
  const { rows } = await pool.query<Pick<TemplateVersion, 'templateId' | 'settings'>>(
    `select v.template_id as "templateId", v.settings from templates t
     join template_versions v on v.template_id = t.id and v.version = t.version where t.id = any($1)`,
    [templateIds],
  );
  return rows;
}
