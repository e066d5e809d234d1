import { defineEntity, p } from '@mikro-orm/core';

/** What a job holds of templates: the version that its options were taken from, and the files that they name. Goes with the job. */
export const JobTemplateEntity = defineEntity({
  name: 'JobTemplate',
  tableName: 'job_templates',
  properties: {
    jobId: p.uuid().primary(),
    /** Null when the settings came with the job. */
    templateId: p.uuid().nullable(),
    version: p.integer().nullable(),
    fileIds: p.array<string>(),
  },
  indexes: [
    { properties: ['templateId'] },
    {
      name: 'job_templates_files_index',
      expression: `create index "job_templates_files_index" on "job_templates" using gin ("file_ids")`,
    },
  ],
});
