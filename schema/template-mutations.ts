import { ConflictError, InvalidInputError, LimitExceededError, NotFoundError } from '../src/domain/errors.ts';
import { templateSettings } from '../src/templates/template-settings.ts';
import type { Template } from '../src/templates/templates.ts';
import { builder } from './builder.ts';
import { sharedInput, toZodInput } from './derive/input-type.ts';
import { getUuid, toGlobalId } from './global-id.ts';
import { TemplateNode } from './template.ts';

const TemplateSettingsInput = sharedInput('TemplateSettings', templateSettings);

const CreateTemplateInput = builder.inputType('CreateTemplateInput', {
  description: 'A template to make.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'What people call it, at most 200 characters, unique in the project.',
    }),
    settings: t.field({
      type: TemplateSettingsInput,
      required: true,
      description: 'How videos look and sound; what is left out is as usual.',
    }),
  }),
});

const CreateTemplatePayload = builder.objectRef<{ template: Template }>('CreateTemplatePayload').implement({
  description: 'The template is there; its files were checked and copied out of their uploads.',
  fields: (t) => ({ template: t.expose('template', { type: TemplateNode, description: 'The template.' }) }),
});

builder.mutationField('createTemplate', (t) =>
  t.field({
    type: CreateTemplatePayload,
    access: 'SUBMIT',
    description: 'Makes a template of videos.',
    errors: {
      types: [InvalidInputError, ConflictError, LimitExceededError],
      union: { description: 'What became of `createTemplate`.' },
    },
    args: { input: t.arg({ type: CreateTemplateInput, required: true, description: 'The template.' }) },
    resolve: async (_, { input: { name, settings } }, { services, viewer }) => ({
      template: await services.templates.createTemplate(viewer, { name, settings: toSettings(settings) }),
    }),
  }),
);

const UpdateTemplateInput = builder.inputType('UpdateTemplateInput', {
  description: 'What to change of a template.',
  fields: (t) => ({
    templateId: t.id({ required: true, description: 'The `id` of the template, global or plain.' }),
    name: t.string({ description: 'Its new name; it stays when left out.' }),
    settings: t.field({
      type: TemplateSettingsInput,
      description: 'Its new settings, whole: they make a new version. They stay when left out.',
    }),
    expectedVersion: t.int({ description: 'The version that you saw: when it is another by now, nothing is changed.' }),
  }),
});

const UpdateTemplatePayload = builder.objectRef<{ template: Template }>('UpdateTemplatePayload').implement({
  description: 'The template is changed; jobs that were submitted before are not.',
  fields: (t) => ({
    template: t.expose('template', { type: TemplateNode, description: 'The template as it is now.' }),
  }),
});

builder.mutationField('updateTemplate', (t) =>
  t.field({
    type: UpdateTemplatePayload,
    access: 'SUBMIT',
    description: 'Changes a template for jobs that are submitted from now on.',
    errors: {
      types: [InvalidInputError, ConflictError, NotFoundError, LimitExceededError],
      union: { description: 'What became of `updateTemplate`.' },
    },
    args: { input: t.arg({ type: UpdateTemplateInput, required: true, description: 'The change.' }) },
    resolve: async (_, { input: { templateId, settings, ...change } }, { services, viewer }) => ({
      template: await services.templates.updateTemplate(viewer, getUuid('Template', templateId), {
        ...change,
        ...(settings ? { settings: toSettings(settings) } : {}),
      }),
    }),
  }),
);

const DeleteTemplateInput = builder.inputType('DeleteTemplateInput', {
  description: 'Which template `deleteTemplate` is about.',
  fields: (t) => ({
    templateId: t.id({ required: true, description: 'The `id` of the template, global or plain.' }),
  }),
});

const DeleteTemplatePayload = builder.objectRef<{ templateId: string }>('DeleteTemplatePayload').implement({
  description: 'The template is gone.',
  fields: (t) => ({
    templateId: t.id({ description: 'Its id.', resolve: ({ templateId }) => toGlobalId('Template', templateId) }),
  }),
});

builder.mutationField('deleteTemplate', (t) =>
  t.field({
    type: DeleteTemplatePayload,
    access: 'SUBMIT',
    description: 'Deletes a template with its versions; jobs that were submitted with it keep what they need.',
    errors: { types: [NotFoundError], union: { description: 'What became of `deleteTemplate`.' } },
    args: { input: t.arg({ type: DeleteTemplateInput, required: true, description: 'The template.' }) },
    resolve: async (_, { input }, { services, viewer }) => {
      const templateId = getUuid('Template', input.templateId);
      await services.templates.deleteTemplate(viewer, templateId);
      return { templateId };
    },
  }),
);

/** As the schema of settings takes them: "left out" is not null there. */
function toSettings(input: unknown): Record<string, unknown> {
  return toZodInput(templateSettings, input, 'settings');
}
