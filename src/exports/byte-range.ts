/** Bytes from `start` to `end`, both included and counted from 0. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * The one range that a `Range` header asks for, cut to the size of the file (RFC 9110, 14.2). WHOLE where there is no such
 * header, or one that may be passed over: another unit, several ranges, not well-formed. UNSATISFIABLE when it begins behind the end.
 */
export function parseByteRange(header: string | undefined, byteSize: number): ByteRange | 'WHOLE' | 'UNSATISFIABLE' {
  const [, first, last] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'WHOLE';
  if (first === '') {
    const length = Math.min(Number(last), byteSize);
    return length === 0 ? 'UNSATISFIABLE' : { start: byteSize - length, end: byteSize - 1 };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'WHOLE';
  if (start >= byteSize) return 'UNSATISFIABLE';
  return { start, end: last === '' ? byteSize - 1 : Math.min(Number(last), byteSize - 1) };
}
