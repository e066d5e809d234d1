import type { Viewer } from '../src/jobs/commands.ts';
import { builder } from './builder.ts';

const ProjectType = builder.objectRef<Viewer>('Project').implement({
  description: 'A tenant: everything belongs to one project, and no project sees another.',
  fields: (t) => ({ name: t.exposeString('projectName', { description: 'Name of the project.' }) }),
});

const ApiKeyType = builder.objectRef<Viewer>('ApiKey').implement({
  description: 'An API key of a project; the key itself is shown only once, when it is made.',
  fields: (t) => ({
    name: t.exposeString('apiKeyName', { description: 'Name of the key.' }),
    prefix: t.string({
      nullable: true,
      description: 'First characters of the key, to tell keys apart; null when it was deleted meanwhile.',
      resolve: async (viewer, _, { services }) => (await services.reads.findApiKey(viewer))?.prefix ?? null,
    }),
  }),
});

const ViewerType = builder.objectRef<Viewer>('Viewer').implement({
  description: 'Who asks.',
  fields: (t) => ({
    project: t.field({
      type: ProjectType,
      description: 'The project that the credentials belong to.',
      resolve: (viewer) => viewer,
    }),
    apiKey: t.field({
      type: ApiKeyType,
      description: 'The key that the request came with.',
      resolve: (viewer) => viewer,
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerType,
    description: 'Who the credentials say that you are.',
    resolve: (_, __, { viewer }) => viewer,
  }),
);
