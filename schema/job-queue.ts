import type { QueuePlace } from '../src/domain/line.ts';
import { builder } from './builder.ts';
import { QueueLevelEnum } from './enums.ts';

export const JobQueue = builder.objectRef<QueuePlace>('JobQueue').implement({
  description:
    'The line in which a job waits. Jobs start in the order in which they came; HIGH and LOW count as an hour earlier and later.',
  fields: (t) => ({
    position: t.exposeInt('position', { description: 'Its place among those that the same limit holds back, from 1.' }),
    level: t.expose('level', { type: QueueLevelEnum, description: 'Which jobs the limit counts.' }),
    limit: t.exposeInt('limit', { description: 'How many of them run at a time.' }),
  }),
});
