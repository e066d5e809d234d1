import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { compressors as others } from 'hyparquet-compressors';
import type { Compressors } from 'hyparquet';

/** Every codec of Parquet but LZO; none gives more bytes than the page states. Node has native ones for three of them. */
export const compressors: Compressors = {
  SNAPPY: others.SNAPPY,
  LZ4: others.LZ4,
  LZ4_RAW: others.LZ4_RAW,
  GZIP: (input, length) => gunzipSync(input, atMost(length)),
  BROTLI: (input, length) => brotliDecompressSync(input, atMost(length)),
  ZSTD: (input, length) => zstdDecompressSync(input, atMost(length)),
};

/** A page of nothing but nulls has no bytes, which zlib does not take for a limit. */
function atMost(length: number) {
  return { maxOutputLength: Math.max(length, 1) };
}
