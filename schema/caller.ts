import type { Caller } from '../src/domain/caller.ts';
import { builder } from './builder.ts';
import { CallerKindEnum } from './enums.ts';
import { toGlobalId } from './global-id.ts';
import { jobGlobalId } from './job-node.ts';

export const CallerType = builder.objectRef<Caller>('Caller').implement({
  description: 'Whoever sends requests: a key, a user, or somebody who follows a job.',
  fields: (t) => ({
    kind: t.expose('kind', { type: CallerKindEnum, description: 'What kind of credentials it has.' }),
    id: t.id({
      description: 'Stays the same: the id of the API key, of the user, or of the job that is followed.',
      resolve: ({ kind, id }) => {
        if (kind === 'USER') return id;
        return kind === 'API_KEY' ? toGlobalId('ApiKey', id) : jobGlobalId(id);
      },
    }),
    name: t.exposeString('name', { description: 'What people call it, as journals show it.' }),
  }),
});
