/** Which bytes of a file a request carries (RFC 9110, 14.4). */
export interface ContentRange {
  /** The first byte; null when the request only asks how far the file is. */
  start: number | null;
  /** The last byte, included. */
  end: number | null;
  /** Bytes of the whole file; null while the client does not know. */
  total: number | null;
}

/** Reads "bytes 5-9/10", "bytes 5-9/*", "bytes *\/10" and "bytes *\/*"; null when it is none of them. */
export function parseContentRange(header: string): ContentRange | null {
  const [, first, last, whole] = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)$/.exec(header) ?? [];
  if (whole === undefined) return null;
  const total = whole === '*' ? null : Number(whole);
  if (first === undefined || last === undefined) return { start: null, end: null, total };
  const [start, end] = [Number(first), Number(last)];
  return end < start || (total !== null && end >= total) ? null : { start, end, total };
}
