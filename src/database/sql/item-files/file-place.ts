/** Where a file of an item lies, and its row. */
export interface FilePlace {
  jobId: string;
  id: string;
  destinationId: string | null;
  key: string;
}
