export { createExport } from './create-export.ts';
export { maintenance } from './maintenance.ts';
export { purgeJobs } from './purge-jobs.ts';
export { runJob } from './run-job.ts';
export { runPartition } from './run-partition.ts';
