import type { Upload } from '../../database/entities/upload.ts';
import type { JobType } from '../../job-types/define-job-type.ts';
import type { SubmitJobCommand, Viewer } from '../commands.ts';

/** A job that was checked, whether it is submitted or not. */
export interface EstimatedJob {
  viewer: Viewer;
  jobType: JobType;
  /** As the job has them or would have them. */
  options: Record<string, unknown>;
  command: SubmitJobCommand;
  upload: Upload | null;
  /** Null for one that is not submitted. */
  jobId: string | null;
}
