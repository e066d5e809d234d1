import { InvalidInputError, NotFoundError } from '../src/domain/errors.ts';
import { builder } from './builder.ts';
import { getUuid } from './global-id.ts';

const CreateFollowTokenInput = builder.inputType('CreateFollowTokenInput', {
  description: 'Which job a token is to show, and for how long.',
  fields: (t) => ({
    jobId: t.id({ required: true, description: 'The `id` of the job, global or plain.' }),
    expiresInSeconds: t.int({
      required: true,
      defaultValue: 3_600,
      description: 'Seconds that the token works: 1 to 86,400.',
    }),
  }),
});

const CreateFollowTokenPayload = builder
  .objectRef<{ token: string; expiresAt: Date }>('CreateFollowTokenPayload')
  .implement({
    description: 'The token is made.',
    fields: (t) => ({
      token: t.exposeString('token', { description: 'To send as `Authorization: Bearer <token>`.' }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: 'When it stops working, and its sockets and streams end.',
      }),
    }),
  });

builder.mutationField('createFollowToken', (t) =>
  t.field({
    type: CreateFollowTokenPayload,
    access: 'READ',
    description:
      'Makes a token for a browser that reads and follows one job, with its items and exports, and nothing else.',
    errors: {
      types: [NotFoundError, InvalidInputError],
      union: { description: 'What became of `createFollowToken`.' },
    },
    args: { input: t.arg({ type: CreateFollowTokenInput, required: true, description: 'The job.' }) },
    resolve: (_, { input }, { services, viewer }) =>
      services.access.createFollowToken(viewer, {
        jobId: getUuid('Job', input.jobId),
        expiresInSeconds: input.expiresInSeconds,
      }),
  }),
);
