import { z } from 'zod';
import type { ChunkFigures, JobEvent, JobEventType, StageFigures } from '../src/domain/job-event.ts';
import type { ItemCounts } from '../src/domain/item-counts.ts';
import { exportFormats } from '../src/domain/export.ts';
import { priorities } from '../src/domain/job.ts';
import { builder } from './builder.ts';
import { ItemCountsType } from './counts.ts';
import { fromCursor, toCursor } from './cursor.ts';
import type { BuilderTypes } from './derive/derived-enum.ts';
import { JobTypeNameEnum } from './derive/registry-types.ts';
import { DeadlineActionEnum, ExportFormatEnum, JobStateEnum, PauseReasonEnum, PriorityEnum } from './enums.ts';
import { toGlobalId } from './global-id.ts';
import { CanaryReportType } from './guard-rails.ts';
import { jobGlobalId } from './job-node.ts';

/** An entry as its type has it. */
type Entry<T extends JobEventType> = Extract<JobEvent, { type: T }>;
type Fields<Parent> = PothosSchemaTypes.ObjectFieldBuilder<BuilderTypes, Parent>;

export const JobEventInterface = builder.interfaceRef<JobEvent>('JobEvent').implement({
  description: "An entry of a job's journal; each was written in the transaction that made the change.",
  resolveType: (event) => event.type,
  fields: (t) => ({
    jobId: t.id({ description: 'The job that it is about.', resolve: (event) => jobGlobalId(event.jobId) }),
    sequence: t.expose('sequence', {
      type: 'BigInt',
      description: 'Number in the journal: 1, 2, 3 and on, without a gap.',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
  }),
});

const interfaces = [JobEventInterface];

builder.objectRef<Entry<'JobSubmitted'>>('JobSubmitted').implement({
  description: 'The job was accepted.',
  interfaces,
  fields: (t) => ({
    title: t.string({ description: 'Title of the job.', resolve: ({ data }) => data.title }),
    type: t.field({ type: JobTypeNameEnum, description: 'Type of the job.', resolve: ({ data }) => data.type }),
    priority: t.field({
      type: PriorityEnum,
      description: 'Priority of the job.',
      resolve: ({ data }) => z.enum(priorities).parse(data.priority),
    }),
    by: t.string({ description: 'Who submitted it.', resolve: ({ data }) => data.by }),
  }),
});

builder.objectRef<Entry<'JobStateChanged'>>('JobStateChanged').implement({
  description: 'The job went from one state to another.',
  interfaces,
  fields: (t) => ({
    from: t.field({ type: JobStateEnum, description: 'The state before.', resolve: ({ data }) => data.from }),
    to: t.field({ type: JobStateEnum, description: 'The state since.', resolve: ({ data }) => data.to }),
    reason: t.field({
      type: PauseReasonEnum,
      nullable: true,
      description: 'Why it is paused; null when it is not.',
      resolve: ({ data }) => data.reason,
    }),
    by: t.string({ description: 'Who or what did it.', resolve: ({ data }) => data.by }),
    message: t.string({
      nullable: true,
      description: 'More about it, for people.',
      resolve: ({ data }) => data.message,
    }),
  }),
});

builder.objectRef<Entry<'JobRedriven'>>('JobRedriven').implement({
  description: 'The failed items of the job run again.',
  interfaces,
  fields: (t) => ({
    generation: t.int({ description: 'Number of the redrive, from 1.', resolve: ({ data }) => data.generation }),
    selected: t.field({
      type: 'BigInt',
      description: 'How many items run again.',
      resolve: ({ data }) => data.selected,
    }),
    by: t.string({ description: 'Who asked for it.', resolve: ({ data }) => data.by }),
  }),
});

builder.objectRef<Entry<'StageStarted'>>('StageStarted').implement({
  description: 'A stage began.',
  interfaces,
  fields: (t) => stageFields(t),
});

builder.objectRef<Entry<'StageProgressed'>>('StageProgressed').implement({
  description: 'A stage came further without a chunk being done.',
  interfaces,
  fields: (t) => ({ ...stageFields(t), ...countFields(t) }),
});

builder.objectRef<Entry<'StageCompleted'>>('StageCompleted').implement({
  description: 'A stage is over.',
  interfaces,
  fields: (t) => stageFields(t),
});

builder.objectRef<Entry<'StageFailed'>>('StageFailed').implement({
  description: 'A stage broke, and the job with it.',
  interfaces,
  fields: (t) => ({ ...stageFields(t), ...errorFields(t) }),
});

builder.objectRef<Entry<'StageDelayed'>>('StageDelayed').implement({
  description: 'A stage that is driven from outside failed for now.',
  interfaces,
  fields: (t) => ({
    ...stageFields(t),
    ...errorFields(t),
    retryAt: t.field({
      type: 'DateTime',
      description: 'When it may be started again.',
      resolve: ({ data }) => data.retryAt,
    }),
  }),
});

builder.objectRef<Entry<'ChunkCompleted'>>('ChunkCompleted').implement({
  description: 'A chunk is done; its results are stored.',
  interfaces,
  fields: (t) => ({
    ...chunkFields(t),
    ...countFields(t),
    succeeded: t.int({ description: 'Items that came through.', resolve: ({ data }) => data.succeeded }),
    failed: t.int({ description: 'Items that failed.', resolve: ({ data }) => data.failed }),
    skipped: t.int({ description: 'Items that needed no work.', resolve: ({ data }) => data.skipped }),
  }),
});

builder.objectRef<Entry<'ChunkFailed'>>('ChunkFailed').implement({
  description: 'A chunk was given up; its remaining items are FAILED.',
  interfaces,
  fields: (t) => ({
    ...chunkFields(t),
    ...countFields(t),
    ...errorFields(t),
    failed: t.int({ description: 'Items that failed by it.', resolve: ({ data }) => data.failed }),
  }),
});

builder.objectRef<Entry<'ItemProgressed'>>('ItemProgressed').implement({
  description: 'An item that takes long came further.',
  interfaces,
  fields: (t) => ({
    stage: t.string({ description: 'Name of the stage that it is in.', resolve: ({ data }) => data.stage }),
    generation: t.int({ description: 'The run that it belongs to.', resolve: ({ data }) => data.generation }),
    index: t.field({ type: 'BigInt', description: 'Place in the source, from 0.', resolve: ({ data }) => data.index }),
    key: t.string({ description: "The item's own name, or its index.", resolve: ({ data }) => data.key }),
    percent: t.float({ description: 'Share of the stage, from 0 to 100.', resolve: ({ data }) => data.percent }),
    step: t.string({ description: 'What is done with it, for people.', resolve: ({ data }) => data.step }),
    warning: t.string({
      nullable: true,
      description: 'What people should know of it though it goes on; null when nothing.',
      resolve: ({ data }) => data.warning,
    }),
  }),
});

builder.objectRef<Entry<'BreakerTripped'>>('BreakerTripped').implement({
  description: 'So many items failed that the job is paused.',
  interfaces,
  fields: (t) => ({
    generation: t.int({ description: 'The run that it happened in.', resolve: ({ data }) => data.generation }),
    stage: t.string({
      nullable: true,
      description: 'The stage with too great a share of failures; null when there are too many over all stages.',
      resolve: ({ data }) => data.stage,
    }),
    failed: t.field({
      type: 'BigInt',
      description: 'Items that failed since the job began or was last resumed.',
      resolve: ({ data }) => data.failed,
    }),
    ended: t.field({
      type: 'BigInt',
      description: 'Items that the stage is done with since then, failed ones included.',
      resolve: ({ data }) => data.ended,
    }),
  }),
});

builder.objectRef<Entry<'BudgetReached'>>('BudgetReached').implement({
  description: 'What is left of the budget does not cover the next chunk: the job is paused.',
  interfaces,
  fields: (t) => ({
    amount: t.field({ type: 'Decimal', description: 'The budget.', resolve: ({ data }) => data.amount }),
    unit: t.string({ description: 'Currency or unit of the amounts.', resolve: ({ data }) => data.unit }),
    spent: t.field({ type: 'Decimal', description: 'What was spent.', resolve: ({ data }) => data.spent }),
    reserved: t.field({
      type: 'Decimal',
      description: 'What chunks that were running would cost.',
      resolve: ({ data }) => data.reserved,
    }),
    needed: t.field({
      type: 'Decimal',
      description: 'What the next chunk would cost.',
      resolve: ({ data }) => data.needed,
    }),
  }),
});

builder.objectRef<Entry<'CanaryCompleted'>>('CanaryCompleted').implement({
  description: 'All items of the canary have ended.',
  interfaces,
  fields: (t) => ({
    report: t.field({ type: CanaryReportType, description: 'How it went.', resolve: ({ data }) => data }),
  }),
});

builder.objectRef<Entry<'DeadlineApproaching'>>('DeadlineApproaching').implement({
  description: 'A tenth of the time is left until the job must have ended.',
  interfaces,
  fields: (t) => ({
    deadlineAt: t.field({
      type: 'DateTime',
      description: 'When it must have ended.',
      resolve: ({ data }) => data.deadlineAt,
    }),
    action: t.field({
      type: DeadlineActionEnum,
      description: 'What becomes of it then.',
      resolve: ({ data }) => data.action,
    }),
  }),
});

builder.objectRef<Entry<'LimitsChanged'>>('LimitsChanged').implement({
  description: 'Guard rails of the job are others now.',
  interfaces,
  fields: (t) => ({
    changed: t.stringList({
      description: 'Which, by their names in `UpdateJobLimitsInput`.',
      resolve: ({ data }) => data.changed,
    }),
    by: t.string({ description: 'Who changed them.', resolve: ({ data }) => data.by }),
  }),
});

builder.objectRef<Entry<'ExportProgressed'>>('ExportProgressed').implement({
  description: 'An export came further.',
  interfaces,
  fields: (t) => ({
    ...exportFields(t),
    percent: t.float({ description: 'Share that is written, from 0 to 100.', resolve: ({ data }) => data.percent }),
  }),
});

builder.objectRef<Entry<'ExportCompleted'>>('ExportCompleted').implement({
  description: 'An export can be downloaded.',
  interfaces,
  fields: (t) => ({
    ...exportFields(t),
    fileName: t.string({ description: 'Name of the file.', resolve: ({ data }) => data.fileName }),
    byteSize: t.field({
      type: 'BigInt',
      description: 'Size of the file in bytes.',
      resolve: ({ data }) => data.byteSize,
    }),
    sha256: t.string({
      description: 'SHA-256 of the file in lower-case hexadecimal.',
      resolve: ({ data }) => data.sha256,
    }),
  }),
});

builder.objectRef<Entry<'ExportFailed'>>('ExportFailed').implement({
  description: 'An export could not be written.',
  interfaces,
  fields: (t) => ({ ...exportFields(t), ...errorFields(t) }),
});

builder.objectRef<Entry<'ExportExpired'>>('ExportExpired').implement({
  description: 'The time of an export was over; its file is deleted.',
  interfaces,
  fields: (t) => exportFields(t),
});

builder.objectRef<Entry<'SheetWritten'>>('SheetWritten').implement({
  description: 'The sheet that the items came from was told what became of them.',
  interfaces,
  fields: (t) => ({
    written: t.field({
      type: 'BigInt',
      description: 'Rows that were written.',
      resolve: ({ data }) => data.written,
    }),
    conflicts: t.field({
      type: 'BigInt',
      description: 'Rows that are no longer those that their items came from: nothing was written to them.',
      resolve: ({ data }) => data.conflicts,
    }),
    conflictRows: t.field({
      type: ['Int'],
      description: 'The first 20 of them that are there, as the sheet numbers its rows.',
      resolve: ({ data }) => data.conflictRows,
    }),
  }),
});

builder.objectRef<Entry<'SheetWriteFailed'>>('SheetWriteFailed').implement({
  description: 'The sheet that the items came from could not be told what became of them; the job does not mind.',
  interfaces,
  fields: (t) => errorFields(t),
});

builder.objectRef<Entry<'ItemsDeleted'>>('ItemsDeleted').implement({
  description: 'The time of the items was over; they and their results are deleted.',
  interfaces,
  fields: (t) => ({
    items: t.field({ type: 'BigInt', description: 'How many items the job had.', resolve: ({ data }) => data.items }),
  }),
});

function stageFields<Parent extends { data: StageFigures }>(t: Fields<Parent>) {
  return {
    stage: t.string({ description: 'Name of the stage.', resolve: ({ data }) => data.stage }),
    generation: t.int({
      description: 'The run that it belongs to: 0 is the first, 1 and up are redrives.',
      resolve: ({ data }) => data.generation,
    }),
    total: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Items of the stage; null while the length of the source is not known.',
      resolve: ({ data }) => data.total,
    }),
    completed: t.field({
      type: 'BigInt',
      description: 'Items that the stage is done with, failed ones included.',
      resolve: ({ data }) => data.completed,
    }),
    failed: t.field({
      type: 'BigInt',
      description: 'Items that failed in the stage.',
      resolve: ({ data }) => data.failed,
    }),
  };
}

function chunkFields<Parent extends { data: ChunkFigures }>(t: Fields<Parent>) {
  return {
    stage: t.string({ description: 'Name of the stage.', resolve: ({ data }) => data.stage }),
    generation: t.int({
      description: 'The run that it belongs to: 0 is the first, 1 and up are redrives.',
      resolve: ({ data }) => data.generation,
    }),
    index: t.int({ description: 'Place among the chunks of the stage.', resolve: ({ data }) => data.index }),
    firstItem: t.field({
      type: 'BigInt',
      description: 'Index of its first item.',
      resolve: ({ data }) => data.firstItem,
    }),
    lastItem: t.field({ type: 'BigInt', description: 'Index of its last item.', resolve: ({ data }) => data.lastItem }),
    attempt: t.int({ description: 'Which attempt it was, from 1.', resolve: ({ data }) => data.attempt }),
  };
}

function countFields<Parent extends { data: { counts: ItemCounts } }>(t: Fields<Parent>) {
  return {
    counts: t.field({
      type: ItemCountsType,
      description: "The job's items after the change.",
      resolve: ({ data }) => data.counts,
    }),
  };
}

function errorFields<Parent extends { data: { error: string } }>(t: Fields<Parent>) {
  return { error: t.string({ description: 'What went wrong.', resolve: ({ data }) => data.error }) };
}

function exportFields<Parent extends { data: { exportId: string; format: string } }>(t: Fields<Parent>) {
  return {
    exportId: t.id({
      description: 'The export that it is about.',
      resolve: ({ data }) => toGlobalId('Export', data.exportId),
    }),
    format: t.field({
      type: ExportFormatEnum,
      description: 'Format of the file.',
      resolve: ({ data }) => z.enum(exportFormats).parse(data.format),
    }),
  };
}

export const JobEventConnection = builder.connectionObject(
  { name: 'JobEventConnection', type: JobEventInterface, description: 'A page of a journal.' },
  { name: 'JobEventEdge', description: 'An entry in a page.' },
);

/** Where an entry stands in the journal. */
export function toEventCursor(event: JobEvent): string {
  return toCursor([event.sequence]);
}

/** The number of the entry. @throws GraphQLError for a cursor that is none of an entry. */
export function fromEventCursor(cursor: string): number {
  return fromCursor(cursor, z.tuple([z.number().int()]))[0];
}
