import { z } from 'zod';
import { templateSettings } from '../src/templates/template-settings.ts';
import type { Template, TemplateVersion } from '../src/templates/templates.ts';
import { builder } from './builder.ts';
import { CallerType } from './caller.ts';
import { fromCursor, fromIdCursor, toCursor, toIdCursor } from './cursor.ts';
import { sharedObject } from './derive/output-type.ts';
import { toGlobalId } from './global-id.ts';
import { loadTemplateJobs, loadTemplateSettings } from './loaders.ts';
import { pageArgs, toConnection, toPageRequest } from './paging.ts';

const TemplateSettingsType = sharedObject('TemplateSettings', templateSettings);

const TemplateVersionType = builder.objectRef<TemplateVersion>('TemplateVersion').implement({
  description: 'What a template held from one change to the next; it never changes.',
  fields: (t) => ({
    version: t.exposeInt('version', { description: 'Its number, from 1.' }),
    settings: t.field({
      type: TemplateSettingsType,
      description: 'How videos look and sound.',
      resolve: ({ settings }) => settings,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    createdBy: t.expose('createdBy', { type: CallerType, description: 'Who made it.' }),
  }),
});

const TemplateVersionConnection = builder.connectionObject(
  { name: 'TemplateVersionConnection', type: TemplateVersionType, description: 'A page of versions.' },
  { name: 'TemplateVersionEdge', description: 'A version in a page.' },
);

export const TemplateNode = builder.objectRef<Template>('Template').implement({
  description: 'How videos of the project look and sound, under a name. A job keeps the version that it began with.',
  access: 'READ',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({
      description: 'Identifies the template among everything in Longhaul.',
      resolve: ({ id }) => toGlobalId('Template', id),
    }),
    name: t.exposeString('name', { description: 'What people call it, unique in the project.' }),
    version: t.exposeInt('version', { description: 'Its newest version; each change of settings makes one.' }),
    settings: t.field({
      type: TemplateSettingsType,
      nullable: true,
      description: 'How its newest version looks and sounds; null when it was deleted in this moment.',
      resolve: ({ id }, _, context) => loadTemplateSettings(id, context),
    }),
    versions: t.field({
      type: TemplateVersionConnection,
      description: 'All of its versions, newest first.',
      args: pageArgs,
      resolve: async (template, page, { services }) =>
        toConnection(
          await services.templates.listVersions(
            template,
            toPageRequest(page, (cursor) => fromCursor(cursor, z.tuple([z.int()]))[0]),
          ),
          ({ version }) => toCursor([version]),
        ),
    }),
    previewUrl: t.field({
      type: 'URL',
      description:
        'Signed link to a picture of a sample scene by its newest version, a PNG that is drawn when it is asked for first; it works for one to two hours.',
      resolve: (template, _, { services }) => services.templates.linkToPreview(template),
    }),
    usedByJobs: t.int({
      description: 'Jobs that were submitted with it, in any of its versions, and are not deleted.',
      resolve: ({ id }, _, context) => loadTemplateJobs(id, context),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    createdBy: t.expose('createdBy', {
      type: CallerType,
      description: 'Who made it; each version says who changed it.',
    }),
  }),
});

const TemplateConnection = builder.connectionObject(
  { name: 'TemplateConnection', type: TemplateNode, description: 'A page of templates.' },
  { name: 'TemplateEdge', description: 'A template in a page.' },
);

builder.queryField('templates', (t) =>
  t.field({
    type: TemplateConnection,
    access: 'READ',
    description: 'The templates of the project, newest first.',
    args: pageArgs,
    resolve: async (_, page, { services, viewer }) =>
      toConnection(await services.templates.listTemplates(viewer, toPageRequest(page, fromIdCursor)), toIdCursor),
  }),
);
