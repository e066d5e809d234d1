import { count, groupBy, jobCount, sum } from '../../aggregates/declare-aggregates.ts';
import { defineJobType } from '../define-job-type.ts';
import { estimateItem } from './estimate-item.ts';
import { item } from './item.ts';
import { options } from './options.ts';
import { output } from './output.ts';
import { renderItem } from './render-item.ts';
import { speakScript } from './speak-script.ts';
import { uploadItem } from './upload-item.ts';
import { writeScript } from './write-script.ts';

/** Makes a narrated, captioned video of each row. */
export const video = defineJobType({
  name: 'video',
  itemName: 'Video',
  title: 'Videos',
  description: 'Makes a narrated video with animated captions and a thumbnail of each row, from its script.',
  item,
  options,
  output,
  aggregates: {
    items: jobCount('total', 'Rows of the job.'),
    failed: jobCount('failed', 'Rows that became no video.'),
    videos: count('Videos that were made.'),
    totalSeconds: sum('output.durationSeconds', 'Length of all videos, in seconds.'),
    totalBytes: sum('output.byteSize', 'Size of all videos, in bytes.'),
    byFormat: groupBy('output.format', 'Videos by their container.', {
      as: 'format',
      figures: {
        videos: count('Videos of the format.'),
        totalSeconds: sum('output.durationSeconds', 'Their length, in seconds.'),
        totalBytes: sum('output.byteSize', 'Their size, in bytes.'),
      },
    }),
  },
  itemKey: ({ title }) => title,
  link: ({ files }) => files.find(({ name }) => name === 'video')?.url ?? null,
  // A minute at 1080p takes about half a minute on two cores.
  declaredItemsPerSecond: 0.03,
  estimate: { weighs: ['resolution', 'format', 'videoCodec'], item: estimateItem },
  makesFiles: () => true,
  stages: [
    {
      kind: 'ITEMS',
      name: 'SCRIPT',
      verb: 'Reading scripts',
      transactional: false,
      isWithoutEffect: true,
      weight: 0,
      // A crash repeats one video.
      chunkSize: 1,
      batchSize: 1,
      concurrency: 1,
      process: async (items, context) => items.map((each) => writeScript(each, context)),
    },
    {
      kind: 'ITEMS',
      name: 'SPEECH',
      verb: 'Speaking',
      transactional: false,
      weight: 1,
      // The rate holds nothing up; a service that asks to wait is asked nothing meanwhile, by any job of the project.
      provider: () => ({ name: 'speech', itemsPerSecond: 200 }),
      // One that asks many to wait costs them tries, not their videos.
      retry: { maxAttempts: 10 },
      batchSize: 1,
      concurrency: 1,
      process: (items, context) => Promise.all(items.map((each) => speakScript(each, context))),
    },
    {
      kind: 'ITEMS',
      name: 'RENDER',
      verb: 'Rendering',
      transactional: false,
      weight: 9,
      worker: ({ resolution }) => (resolution === 'P2160' ? 'ENCODE_4K' : 'ENCODE'),
      batchSize: 1,
      concurrency: 1,
      process: (items, context) => Promise.all(items.map((each) => renderItem(each, context))),
    },
    {
      kind: 'ITEMS',
      name: 'UPLOAD',
      verb: 'Delivering',
      transactional: false,
      weight: 1,
      isWanted: ({ destinationId }) => destinationId !== undefined,
      batchSize: 1,
      concurrency: 1,
      process: (items, context) => Promise.all(items.map((each) => uploadItem(each, context))),
    },
  ],
  example: {
    options: { resolution: 'P720' },
    items: [{ title: 'Hello', platforms: 'tiktok', script: 'Hello there. This is a short video.' }],
  },
});
