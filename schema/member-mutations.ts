import type { ProjectMember } from '../src/access/access.ts';
import { InvalidInputError, NotFoundError } from '../src/domain/errors.ts';
import { builder } from './builder.ts';
import { ProjectRoleEnum } from './enums.ts';
import { ProjectMemberType } from './project-member.ts';

const AddProjectMemberInput = builder.inputType('AddProjectMemberInput', {
  description: 'A user to add to the project.',
  fields: (t) => ({
    userId: t.string({ required: true, description: "What the user's tokens have as `sub`, to the letter." }),
    role: t.field({ type: ProjectRoleEnum, required: true, description: 'What the user is in the project.' }),
    name: t.string({ description: 'What lists call the user; as it was when left out.' }),
  }),
});

const AddProjectMemberPayload = builder.objectRef<{ member: ProjectMember }>('AddProjectMemberPayload').implement({
  description: 'The user is a member.',
  fields: (t) => ({ member: t.expose('member', { type: ProjectMemberType, description: 'The member.' }) }),
});

builder.mutationField('addProjectMember', (t) =>
  t.field({
    type: AddProjectMemberPayload,
    access: 'ADMIN',
    description: 'Adds a user to the project, or gives a member another role.',
    errors: { types: [InvalidInputError], union: { description: 'What became of `addProjectMember`.' } },
    args: { input: t.arg({ type: AddProjectMemberInput, required: true, description: 'The user.' }) },
    resolve: async (_, { input }, { services, viewer }) => ({
      member: await services.access.addProjectMember(viewer, {
        userId: input.userId,
        name: input.name ?? null,
        role: input.role,
      }),
    }),
  }),
);

const RemoveProjectMemberInput = builder.inputType('RemoveProjectMemberInput', {
  description: 'Which member `removeProjectMember` is about.',
  fields: (t) => ({
    userId: t.string({ required: true, description: "What the user's tokens have as `sub`, to the letter." }),
  }),
});

const RemoveProjectMemberPayload = builder.objectRef<{ userId: string }>('RemoveProjectMemberPayload').implement({
  description: 'The user is no member any more.',
  fields: (t) => ({ userId: t.exposeString('userId', { description: 'The user.' }) }),
});

builder.mutationField('removeProjectMember', (t) =>
  t.field({
    type: RemoveProjectMemberPayload,
    access: 'ADMIN',
    description: "Takes a user out of the project; the user's sockets and streams end within seconds.",
    errors: {
      types: [NotFoundError, InvalidInputError],
      union: { description: 'What became of `removeProjectMember`.' },
    },
    args: { input: t.arg({ type: RemoveProjectMemberInput, required: true, description: 'The member.' }) },
    resolve: async (_, { input: { userId } }, { services, viewer }) => {
      await services.access.removeProjectMember(viewer, userId);
      return { userId };
    },
  }),
);
