import { expect, test } from 'vitest';
import { isStorageKey } from '../storage/storage-key.ts';
import { deliveryKey } from './delivery-key.ts';

const jobId = '01a20e3f-e232-7000-a3bb-9183aa6b6382';
const file = { jobId, id: '01a20e42-c1c0-7000-91ab-cba2385fe9e8', index: 7 };

test.each([
  ['My video: Über uns.mp4', 'My-video-Uber-uns.mp4'],
  ['../../etc/passwd', 'etc-passwd'],
  ['.hidden', 'hidden'],
  ['日本語.vtt', 'file.vtt'],
  [`${'x'.repeat(300)}.mp4`, `${'x'.repeat(100)}.mp4`],
])('a file called %j is delivered under a name that any bucket takes', (fileName, name) => {
  const key = deliveryKey({ ...file, fileName });
  expect(key).toBe(`${jobId}/7-cba2385fe9e8/${name}`);
  expect(isStorageKey(key)).toBe(true);
});
