import { z } from 'zod';
import type { ItemView } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { fromCursor, toCursor } from './cursor.ts';
import { allDerivedTypes, getDerivedTypes, type DerivedTypes } from './derive/registry-types.ts';
import type { DerivedValue } from './derive/output-type.ts';
import { ItemStateEnum } from './enums.ts';
import { toGlobalId } from './global-id.ts';
import { ItemFileType } from './item-file.ts';
import { itemRef, loadItemFiles } from './loaders.ts';

const ItemError = builder.objectRef<NonNullable<ItemView['error']>>('ItemError').implement({
  description: 'Why an item failed.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'What kind of error it is, for programs; stable.' }),
    field: t.exposeString('field', {
      nullable: true,
      description: 'Field of the item that it is about; null when it is about none.',
    }),
    message: t.exposeString('message', { description: 'What was expected and what came, for people.' }),
    fingerprint: t.exposeString('fingerprint', {
      nullable: true,
      description: 'The same for errors that differ only in figures and names.',
    }),
  }),
});

export const ItemInterface = builder.interfaceRef<ItemView>('Item').implement({
  description: 'An item of a job with how it ended; each job type has its own type of it.',
  resolveType: (item) => getDerivedTypes(item.type).names.item,
  fields: (t) => ({
    id: t.id({
      description: 'Identifies the item among everything in Longhaul.',
      resolve: (item) => toGlobalId('Item', `${item.jobId}/${item.index}`),
    }),
    index: t.expose('index', { type: 'BigInt', description: 'Place in the source, from 0.' }),
    key: t.exposeString('key', { description: "The item's own name, or its index when it has none." }),
    state: t.expose('state', { type: ItemStateEnum, description: 'Where the item stands.' }),
    generation: t.exposeInt('generation', { description: 'The run that ended it, or that it waits for.' }),
    attempts: t.exposeInt('attempts', { description: 'How often it was tried in that run; 0 before it has ended.' }),
    stage: t.exposeString('stage', {
      nullable: true,
      description: 'Name of the stage that ended it; null before that.',
    }),
    error: t.expose('error', { type: ItemError, nullable: true, description: 'Why it failed; null when it did not.' }),
    durationMs: t.exposeInt('durationMs', {
      nullable: true,
      description: 'Milliseconds that it took; null before it has ended.',
    }),
    files: t.field({
      type: [ItemFileType],
      description: 'Files that it left and that stay, in the order in which they were made.',
      resolve: async (item, _, context) =>
        getDerivedTypes(item.type).jobType.makesFiles ? await loadItemFiles(itemRef(item), context) : [],
    }),
    raw: t.expose('payload', { type: 'JSON', nullable: true, description: 'The item as it came from the source.' }),
  }),
});

/** Refers to the item type of one job type: `TransactionItem { input, output }`. */
function implementItem({ names, jobType, input, output }: DerivedTypes) {
  return builder.objectRef<ItemView>(names.item).implement({
    description: `An item of the job type "${jobType.title}".`,
    interfaces: [ItemInterface],
    fields: (t) => ({
      input: t.field({
        type: input,
        nullable: true,
        description: 'The item as its job type understands it; null when it does not fit, and then `raw` has it.',
        resolve: (item) => parseInput(jobType.item, item.payload),
      }),
      output: t.field({
        type: output,
        nullable: true,
        description: 'What came out of it; null when nothing did.',
        resolve: (item) => parseOutput(item.output),
      }),
    }),
  });
}

for (const types of allDerivedTypes) implementItem(types);

export const ItemConnection = builder.connectionObject(
  { name: 'ItemConnection', type: ItemInterface, description: 'A page of items.' },
  { name: 'ItemEdge', description: 'An item in a page.' },
);

export const ItemFilterInput = builder.inputType('ItemFilterInput', {
  description: 'Which items; what is left out lets all through.',
  fields: (t) => ({
    states: t.field({ type: [ItemStateEnum], description: 'Items in one of these states.' }),
    errorCode: t.string({ description: 'Failed items with this error code.' }),
    fingerprint: t.string({ description: 'Failed items of this group: `FailureGroup.fingerprint`.' }),
  }),
});

/** Where an item stands in its job. */
export function toItemCursor(item: ItemView): string {
  return toCursor([item.index]);
}

/** The index of the item. @throws GraphQLError for a cursor that is none of an item. */
export function fromItemCursor(cursor: string): number {
  return fromCursor(cursor, z.tuple([z.number().int()]))[0];
}

function parseInput(schema: z.ZodObject, payload: unknown): DerivedValue | null {
  const parsed = schema.safeParse(payload);
  return parsed.success ? parsed.data : null;
}

function parseOutput(output: unknown): DerivedValue | null {
  return z.record(z.string(), z.unknown()).nullable().catch(null).parse(output);
}
