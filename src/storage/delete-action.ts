/** What could not be done, for a message: "delete a/1", or "delete a/1 and 3 more of 1000". */
export function deleteAction([first, ...others]: readonly string[], total: number): string {
  if (total <= 1) return `delete ${first}`;
  return `delete ${first}${others.length > 0 ? ` and ${others.length} more` : ''} of ${total}`;
}
