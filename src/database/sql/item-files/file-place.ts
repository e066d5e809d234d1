/** Where a file of an item lies, and its row. */
export interface FilePlace {
  jobId: string;
  projectId: string;
  id: string;
  destinationId: string | null;
  key: string;
  /** No commit made it its item's own: its writer may have died over it. */
  isHalfWritten: boolean;
}

/** The columns of a row of `item_files` as a `FilePlace`. */
export const filePlaceColumns = `job_id as "jobId", (select project_id from jobs where jobs.id = job_id) as "projectId", item_files.id, destination_id as "destinationId", key, sha256 = '' as "isHalfWritten"`;
