import type { QuotaState } from '../src/limits/quotas.ts';
import { builder } from './builder.ts';
import { QuotaNameEnum } from './enums.ts';

export const RateLimitType = builder.objectRef<QuotaState>('RateLimit').implement({
  description: 'So much of something in a window; what was used comes back evenly over the window.',
  fields: (t) => ({
    name: t.expose('name', { type: QuotaNameEnum, description: 'What is limited.' }),
    limit: t.exposeInt('limit', { description: 'How much there may be in a window.' }),
    windowMs: t.exposeInt('windowMs', { description: 'Length of the window, in milliseconds.' }),
    remaining: t.exposeInt('remaining', { description: 'How much is left now.' }),
    resetsAt: t.expose('resetsAt', {
      type: 'DateTime',
      description: 'When all of it is there again, if none is used.',
    }),
  }),
});
