export { createExport } from './create-export.ts';
export { maintenance } from './maintenance.ts';
export { purgeJob } from './purge-job.ts';
export { runJob } from './run-job.ts';
export { runPartition } from './run-partition.ts';
