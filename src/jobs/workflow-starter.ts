/**
 * Tells Temporal that something is to be done. Every call may be repeated and may fail: what is to be done is in the
 * database already, and the reconciler tells it again.
 */
export interface WorkflowStarter {
  /** Starts the job's workflow, or wakes it when it waits. */
  wakeJob(jobId: string): Promise<void>;
  startExport(exportId: string): Promise<void>;
  /** Starts the purge of all jobs that are due for it. */
  startPurge(): Promise<void>;
}
