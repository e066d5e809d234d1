import { describe, expect, test } from 'vitest';
import { parseStorageLocation } from './storage-location.ts';

describe('parseStorageLocation', () => {
  const bucket = { bucket: 'files', prefix: '', region: null, endpoint: null, downloads: 'DIRECT' };

  test.each([
    ['local', { kind: 'LOCAL' }],
    ['s3://files', { kind: 'S3', ...bucket }],
    [
      's3://files/longhaul/one/?region=eu-central-1',
      { kind: 'S3', ...bucket, prefix: 'longhaul/one/', region: 'eu-central-1' },
    ],
    [
      's3://files?endpoint=http://minio:9000',
      { kind: 'S3', ...bucket, endpoint: 'http://minio:9000', downloads: 'SERVER' },
    ],
    [
      's3://files?endpoint=https://s3.example.com&downloads=direct',
      { kind: 'S3', ...bucket, endpoint: 'https://s3.example.com' },
    ],
    [
      'gs://my_files.example.com/a?downloads=server',
      { kind: 'GCS', ...bucket, bucket: 'my_files.example.com', prefix: 'a/', downloads: 'SERVER' },
    ],
  ])('%s is understood', (text, expected) => {
    expect(parseStorageLocation(text)).toEqual(expected);
  });

  test.each([
    ['disk', /must be "local"/],
    ['https://files', /must be "local"/],
    ['s3://FILES!', /must be "local"|no name of a bucket/],
    ['s3://ab', /no name of a bucket/],
    ['s3://files/.drafts', /no prefix/],
    ['s3://files/a//b', /no prefix/],
    ['s3://files?endpoint=minio:9000', /endpoint must be like/],
    ['s3://files?endpoint=http://minio:9000/path', /endpoint must be like/],
    ['s3://files?endpoint=http://me:secret@minio:9000', /endpoint must be like/],
    ['s3://files?zone=1', /no parameter "zone"/],
    ['s3://files?downloads=maybe', /downloads=direct/],
  ])('%s is refused', (text, message) => {
    expect(() => parseStorageLocation(text)).toThrow(message);
  });
});
