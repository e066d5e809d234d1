/**
 * Where a file lies at a destination: "<job id>/<index>-<tail of its id>/my-video.mp4". Each file has a folder of its own, so that a late
 * writer, or a new run of the item, touches no other file.
 */
export function deliveryKey(file: { jobId: string; id: string; index: number; fileName: string }): string {
  return `${file.jobId}/${file.index}-${file.id.slice(-12)}/${toSegment(file.fileName)}`;
}

const maxNameLength = 100;

/** Letters, digits, ".", "_" and "-" only, and never a dot at the begin: what any bucket and any shell takes. */
function toSegment(fileName: string): string {
  const plain = fileName.normalize('NFKD').replace(/\p{M}/gu, '');
  const extension = /(?<=.)\.([A-Za-z0-9]{1,16})$/u.exec(plain)?.[1] ?? '';
  const name = extension === '' ? plain : plain.slice(0, -extension.length - 1);
  const safe = (text: string) => text.replace(/[^A-Za-z0-9_]+/g, '-').replace(/^-+|-+$/g, '');
  return [safe(name).slice(0, maxNameLength) || 'file', extension].filter((part) => part !== '').join('.');
}
