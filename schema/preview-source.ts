import {
  ConflictError,
  InvalidInputError,
  LimitExceededError,
  NotFoundError,
  ProviderError,
} from '../src/domain/errors.ts';
import type { PreviewedRow, SourcePreview } from '../src/jobs/preview-source.ts';
import { builder } from './builder.ts';
import { JobSpecInput, readSpec } from './derive/registry-types.ts';
import { ValidationLevelEnum } from './enums.ts';
import { InputIssueType } from './errors.ts';
import { JobSourceInput, readSource } from './job-source.ts';

const PreviewSourceInput = builder.inputType('PreviewSourceInput', {
  description: 'A source to look into, as `submitJob` would take it.',
  fields: (t) => ({
    spec: t.field({ type: JobSpecInput, required: true, description: 'The job type that the items are for.' }),
    source: t.field({ type: JobSourceInput, required: true, description: 'Where the items come from.' }),
    validation: t.field({
      type: ValidationLevelEnum,
      required: true,
      defaultValue: 'MODERATE',
      description: 'How the items are held to the schema of the job type.',
    }),
    rows: t.int({ required: true, defaultValue: 10, description: 'How many of the first rows to answer: 1 to 100.' }),
  }),
});

const PreviewRow = builder.objectRef<PreviewedRow>('PreviewRow').implement({
  description: 'A row of a source, held to the schema of a job type.',
  fields: (t) => ({
    row: t.expose('row', { type: 'BigInt', description: 'Its number in the source, from 1; a header is not counted.' }),
    key: t.exposeString('key', { nullable: true, description: "The item's own name; null when it has none." }),
    raw: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What the row holds, under the column names of the source.',
      resolve: ({ raw }) => raw,
    }),
    isValid: t.boolean({
      description: 'True when a job would take it as an item.',
      resolve: ({ issues }) => issues.length === 0,
    }),
    issues: t.field({
      type: [InputIssueType],
      description: 'Why a job would not take it; empty when it is valid.',
      resolve: ({ issues }) => issues,
    }),
  }),
});

const PreviewSourcePayload = builder.objectRef<SourcePreview>('PreviewSourcePayload').implement({
  description: 'What a job would find in a source.',
  fields: (t) => ({
    columns: t.exposeStringList('columns', {
      description: 'Names of its columns: of its header, or of the keys in its first 1,000 rows.',
    }),
    fields: t.exposeStringList('fields', {
      nullable: { list: false, items: true },
      description:
        'For each of the columns the field of the item that it fills, by its name, an alias or as `columns` says; null for one that is left unread.',
    }),
    rows: t.expose('rows', { type: [PreviewRow], description: 'Its first rows; fewer when they are very long.' }),
  }),
});

builder.queryField('previewSource', (t) =>
  t.field({
    type: PreviewSourcePayload,
    access: 'SUBMIT',
    description: 'Reads the beginning of a source and holds it to the schema of a job type; nothing is stored.',
    errors: {
      types: [InvalidInputError, NotFoundError, ConflictError, LimitExceededError, ProviderError],
      union: { description: 'What became of `previewSource`.' },
    },
    args: { input: t.arg({ type: PreviewSourceInput, required: true, description: 'The source to look into.' }) },
    resolve: async (_, { input }, context) =>
      await context.services.previewSource(context.viewer, {
        type: readSpec(input.spec).type,
        source: await readSource(input.source, context),
        validation: input.validation,
        rows: input.rows,
      }),
  }),
);
