/** Where the files of templates lie in our own storage. */
export function templateFileKey(id: string): string {
  return `templates/${id}`;
}
