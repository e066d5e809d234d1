/** Where all files of a job's items lie in our own storage. */
export function itemFilesKey(jobId: string): string {
  return `items/${jobId}`;
}

/** Each file has a key of its own: a late writer cannot replace what another attempt stored. */
export function itemFileKey(jobId: string, id: string): string {
  return `${itemFilesKey(jobId)}/${id}`;
}
