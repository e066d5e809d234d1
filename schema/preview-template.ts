import { InvalidInputError, LimitExceededError, NotFoundError } from '../src/domain/errors.ts';
import { previewRequest } from '../src/templates/preview-request.ts';
import type { TemplatePreview } from '../src/templates/preview-template.ts';
import { builder } from './builder.ts';
import { sharedInput, toZodInput } from './derive/input-type.ts';

const PreviewTemplatePayload = builder.objectRef<TemplatePreview>('PreviewTemplatePayload').implement({
  description: 'One frame as the video of the row would have it.',
  fields: (t) => ({
    url: t.expose('url', { type: 'URL', description: 'Signed link to the picture, a PNG.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the link stops working and the picture goes.',
    }),
    warnings: t.stringList({
      description: 'What cannot be drawn quite as it was asked for, one sentence each.',
      resolve: ({ warnings }) => [...warnings],
    }),
  }),
});

builder.queryField('previewTemplate', (t) =>
  t.field({
    type: PreviewTemplatePayload,
    access: 'SUBMIT',
    description: 'Draws one frame of a video by a template, or by settings that are not saved yet.',
    errors: {
      types: [InvalidInputError, NotFoundError, LimitExceededError],
      union: { description: 'What became of `previewTemplate`.' },
    },
    args: {
      input: t.arg({
        type: sharedInput('PreviewTemplate', previewRequest),
        required: true,
        description: 'The frame to draw.',
      }),
    },
    resolve: (_, { input }, { services, viewer }) =>
      services.templates.previewTemplate(viewer, toZodInput(previewRequest, input, 'previewTemplate')),
  }),
);
