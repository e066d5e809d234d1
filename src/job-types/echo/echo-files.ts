import { setTimeout as delay } from 'node:timers/promises';
import { Readable } from 'node:stream';
import type { FileStageContext, ItemOutcome, NewItemFile, StageContext, WorkItem } from '../define-job-type.ts';

/** What the make-believe work on files takes of an echo job's options. */
export interface FileOptions {
  delayMs: number;
  files?: { byteSize: number } | undefined;
}

type Context = StageContext<FileOptions> & FileStageContext;

const parts = 5;

/** Stores a draft of the file of an item, in parts, each as slow as an item. Later stages find it; nobody else does. */
export async function draftFile(
  item: WorkItem<{ value?: string | undefined }>,
  { options, files, report, signal }: Context,
): Promise<ItemOutcome<never>> {
  for (let part = 1; part <= parts; part += 1) {
    report(item, { percent: ((part - 1) / parts) * 100, step: `Part ${part} of ${parts}` });
    if (options.delayMs > 0) await delay(options.delayMs / parts, undefined, { signal });
  }
  const content = Buffer.alloc(options.files?.byteSize ?? 0, `${item.input.value ?? item.index}\n`);
  const draft = await files.put(item, describe(item, 'draft', false), Readable.from([content]));
  return { state: 'SUCCEEDED', files: [draft] };
}

/** Makes the draft of an item that came back its file. */
export async function publishFile<Output>(
  { item, outcome }: { item: WorkItem<unknown>; outcome: ItemOutcome<Output> },
  { files }: FileStageContext,
): Promise<ItemOutcome<Output>> {
  const draft = item.files.find(({ name }) => name === 'draft');
  if (!draft || outcome.state !== 'SUCCEEDED') return outcome;
  const published = await files.put(item, describe(item, 'text', true), await files.open(draft));
  return { ...outcome, files: [published] };
}

function describe({ key }: WorkItem<unknown>, name: string, isKept: boolean): NewItemFile {
  return { name, fileName: `${key}.txt`, mediaType: 'text/plain; charset=utf-8', isKept };
}
