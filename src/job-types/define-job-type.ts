import type { PoolClient } from 'pg';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { planAggregates, type AggregatePlan } from '../aggregates/aggregate-plan.ts';
import type { Aggregates, FieldPath } from '../aggregates/declare-aggregates.ts';
import { readAggregates } from '../aggregates/read-aggregates.ts';
import type { Readable } from 'node:stream';
import type { RetryPolicy } from '../domain/backoff.ts';
import type { ItemFile, MediaDetails } from '../domain/item-file.ts';
import type { Providers } from '../providers/providers.ts';
import type { WorkerKind } from '../domain/worker-kind.ts';
import { fieldNamesOf, type FieldNames } from './field-names.ts';

/** An item as `process` gets it: parsed by the job type's schema. */
export interface WorkItem<Item> {
  index: number;
  key: string;
  input: Item;
  /** Which try this is, from 1. */
  attempt: number;
  /** What earlier stages of this run left for it, by job types that make files; else none. */
  files: readonly ItemFile[];
  /** What the stage before passed on with it; null when nothing. */
  data: unknown;
}

export interface ItemFailure {
  /** SCREAMING_SNAKE, stable: clients and failure groups go by it. */
  code: string;
  /** What was expected and what came, for people. */
  message: string;
  field?: string;
  /** True when the same item may succeed later: it is tried again with backoff. */
  retryable?: boolean;
  /** Milliseconds that a provider asked to wait. Until then nothing is sent to the provider that the stage declares, by any job of the project. */
  retryAfterMs?: number;
}

/** What became of one item. In a stage that is not the last, SUCCEEDED means that it goes on to the next. */
export type ItemOutcome<Output> =
  | {
      state: 'SUCCEEDED';
      output?: Output;
      /** Of what the stage stored for the item, what is to stay; the rest is deleted. */
      files?: readonly ItemFile[];
      /** JSON for the next stage, at most 64 KiB; only of job types that make files. */
      data?: unknown;
    }
  | { state: 'SKIPPED'; output?: Output }
  | { state: 'FAILED'; error: ItemFailure };

export interface StageContext<Options> {
  jobId: string;
  projectId: string;
  options: Options;
  generation: number;
  /** Aborted when the job pauses or is canceled, or the worker shuts down. */
  signal: AbortSignal;
  log: Logger;
}

/** A file that a stage stores for an item. */
export interface NewItemFile {
  /** What it is to the job type: "video". Takes the place of one that the item has under this name. */
  name: string;
  /** What a download is called, of any characters. */
  fileName: string;
  mediaType: string;
  media?: MediaDetails;
  /** False for what only later stages need: it goes when the item has ended. */
  isKept: boolean;
  /** The destination of the project that it is delivered to; our own storage when left out. */
  destinationId?: string;
}

/** How far an item is in its stage. */
export interface ItemReport {
  /** 0 to 100, of the stage. */
  percent: number;
  /** For people: "Scene 2 of 5". */
  step: string;
  /** What people should know of the item though it goes on. */
  warning?: string;
}

/** What only job types that make files can do. */
export interface ItemFiles {
  /** Stores a file for an item. It counts once an outcome that names it is committed; if none is, it is deleted. `content`: a stream, or the path of a file. */
  put(item: Pick<WorkItem<unknown>, 'index'>, file: NewItemFile, content: Readable | string): Promise<ItemFile>;
  /** Reads one of `item.files`. */
  open(file: ItemFile): Promise<Readable>;
}

/** Of a stage of a job type that makes files. */
export interface FileStageContext {
  files: ItemFiles;
  /** Tells people how far an item is; as often as you like, it is told on at most once a second. */
  report(item: Pick<WorkItem<unknown>, 'index' | 'key'>, report: ItemReport): void;
  providers: Providers;
  /** A folder on this machine for this attempt at the chunk; it is removed with all that is in it. */
  workDir(): Promise<string>;
  /** Reads a file that the project has uploaded. @throws NotFoundError */
  openUpload(id: string): Promise<Readable>;
}

/** A stage whose writes commit together with the items' results: exactly once. */
export interface TransactionalStageContext<Options> extends StageContext<Options> {
  sql: PoolClient;
}

interface ItemStageSettings<Options> {
  /** SCREAMING_SNAKE, unique in the job type. */
  name: string;
  /** Present participle for the progress sentence: "Inserting". */
  verb: string;
  /** Items a chunk holds, in the first item stage; more in jobs of over 20 chunks, fewer where chunks took over 5 s. */
  chunkSize?: number;
  /** Share of the stage in the job's percentage, beside the other item stages. Default 1. */
  weight?: number;
  retry?: Partial<RetryPolicy>;
  /** What an item costs in this stage, in the unit of the job type: an exact decimal, "0.002". Nothing when left out. */
  costPerItem?(options: Options): string;
  /** True for a stage that changes nothing outside: a dry run runs it. */
  isWithoutEffect?: boolean;
  /** Whether jobs with these options go through the stage. All do when left out. */
  isWanted?(options: Options): boolean;
  /** The kind of worker that runs its chunks. Any when left out. */
  worker?(options: Options): WorkerKind;
}

/**
 * Runs over all items, chunk by chunk. `process` returns one outcome for each item, in order, and must be idempotent for
 * (job, item, stage): after a crash it sees the items again that have no result yet.
 */
export interface ItemStage<Item, Options, Output> extends ItemStageSettings<Options> {
  kind: 'ITEMS';
  transactional: false;
  /** Items given to one call of `process`. */
  batchSize: number;
  /** Calls of `process` at a time within a chunk. */
  concurrency: number;
  process(items: WorkItem<Item>[], context: StageContext<Options> & FileStageContext): Promise<ItemOutcome<Output>[]>;
  /** The outside service that it calls under these options; null when it calls none. */
  provider?(options: Options): ProviderUse | null;
}

/** An outside service. Its rate holds over all jobs and workers of a project; each try of an item counts. */
export interface ProviderUse {
  name: string;
  itemsPerSecond: number;
}

/** Runs a chunk in one database transaction, that of its commit. It gets the whole chunk at once. */
export interface TransactionalItemStage<Item, Options, Output> extends ItemStageSettings<Options> {
  kind: 'ITEMS';
  transactional: true;
  process(items: WorkItem<Item>[], context: TransactionalStageContext<Options>): Promise<ItemOutcome<Output>[]>;
}

/** Runs once, after the stages before it, in one transaction. */
export interface OnceStage<Options> {
  kind: 'ONCE';
  name: string;
  verb: string;
  /** What it returns, if anything, becomes the job's aggregates. */
  run(context: TransactionalStageContext<Options>): Promise<Record<string, unknown> | undefined>;
}

export type JobTypeStage<Item, Options, Output> =
  | ItemStage<Item, Options, Output>
  | TransactionalItemStage<Item, Options, Output>
  | OnceStage<Options>;

/** A stage that is run from outside: over the items by chunk workers (ITEMS), or driven as a whole by a service (ONCE). */
export interface ExternalStage {
  kind: 'ITEMS' | 'ONCE';
  /** SCREAMING_SNAKE, unique in the job. */
  name: string;
}

/** An item that succeeded, as it is stored. */
export interface LinkedItem {
  input: Record<string, unknown>;
  output: Record<string, unknown>;
  /** The files that it keeps, each with a signed link. */
  files: readonly { name: string; url: string }[];
}

/** What one item is guessed to take. */
export interface ItemEstimate {
  /** Milliseconds of one machine of two cores that does nothing else. */
  workMs: number;
  /** Of the files that it leaves. */
  bytes: number;
}

/** What a job type of uneven items says so that jobs can be estimated better than by the speed that it declares. */
export interface EstimateHooks<Item, Options> {
  /** Options that decide how long an item takes: only earlier jobs that have the same are compared with. */
  weighs: readonly (keyof Options & string)[];
  /** What an item takes, longer ones more: alone until the project has such jobs, then held to how they went. An item that cannot be made may throw InvalidInputError: it is left out. */
  item?(item: Item, options: Options): ItemEstimate;
}

/** What a job type says of itself. See docs/adding-a-job-type.md. */
export interface JobTypeDefinition<
  ItemSchema extends z.ZodObject,
  OptionsSchema extends z.ZodObject,
  OutputSchema extends z.ZodObject,
> {
  /** lowerCamelCase; names the member of `JobSpecInput`. */
  name: string;
  /** UpperCamelCase singular; `Transaction` makes `TransactionItem`, `TransactionInput`, `TransactionOutput`. */
  itemName: string;
  title: string;
  description: string;
  item: ItemSchema;
  options: OptionsSchema;
  output: OutputSchema;
  /** Kept up exactly as chunks commit; see src/aggregates. */
  aggregates: Aggregates<FieldPath<z.output<ItemSchema>, z.input<OutputSchema>>>;
  /** The item's own name, unique or not; its index when it has none. */
  itemKey?(item: z.output<ItemSchema>): string;
  /** Where people find what came out of an item that succeeded, as a URL: it is written beside its row in a sheet. */
  link?(item: LinkedItem): string | null;
  /** Tidies a raw item before PERMISSIVE validation, after the general coercion. */
  coerceItem?(raw: Record<string, unknown>): Record<string, unknown>;
  /** Items a second on one machine of two cores, until the project has a history of its own. */
  declaredItemsPerSecond: number;
  estimate?: EstimateHooks<z.output<ItemSchema>, z.output<OptionsSchema>>;
  /** Stages before all others that Longhaul leaves to those outside; they may differ from job to job. */
  externalStages?(options: z.output<OptionsSchema>): readonly ExternalStage[];
  /** In what its items cost something, SCREAMING_SNAKE: "EUR", "TOKEN". Needed by stages with a `costPerItem`. */
  costUnit?: string;
  /**
   * True for jobs of slow items: their stages may store files and pass data on. Each chunk goes through all item stages before its lane takes the next, so
   * that first results come early and what lies between stages stays bounded, and chunks are never larger than declared.
   */
  makesFiles?(options: z.output<OptionsSchema>): boolean;
  stages: readonly JobTypeStage<z.output<ItemSchema>, z.output<OptionsSchema>, z.input<OutputSchema>>[];
  /** A small job that works: shown to people, run by the contract tests. */
  example: { options: z.input<OptionsSchema>; items: z.input<ItemSchema>[] };
}

/** Everything that Longhaul knows of a job type. */
export interface JobType<
  ItemSchema extends z.ZodObject = z.ZodObject,
  OptionsSchema extends z.ZodObject = z.ZodObject,
  OutputSchema extends z.ZodObject = z.ZodObject,
> extends Omit<JobTypeDefinition<ItemSchema, OptionsSchema, OutputSchema>, 'aggregates'> {
  /** What the aggregates of a finished job look like. */
  aggregates: z.ZodObject;
  aggregatePlan: AggregatePlan;
  /** What columns of a table may call the fields of its items. */
  fieldNames: FieldNames;
}

/** Every job type ends with the stage AGGREGATE. @throws Error when its aggregates do not fit its fields, or a name means two of them */
export function defineJobType<I extends z.ZodObject, O extends z.ZodObject, R extends z.ZodObject>(
  definition: JobTypeDefinition<I, O, R>,
): JobType<I, O, R> {
  const aggregatePlan = planAggregates(definition.aggregates, definition.item, definition.output);
  const aggregate: OnceStage<z.output<O>> = {
    kind: 'ONCE',
    name: 'AGGREGATE',
    verb: 'Adding up',
    run: ({ sql, jobId }) => readAggregates(aggregatePlan, sql, jobId),
  };
  return {
    ...definition,
    aggregates: aggregatePlan.schema,
    aggregatePlan,
    fieldNames: fieldNamesOf(definition.item),
    stages: [...definition.stages, aggregate],
  };
}
