import type { ItemFile } from '../../domain/item-file.ts';
import type { FileStageContext, ItemOutcome, StageContext, WorkItem } from '../define-job-type.ts';
import type { Item } from './item.ts';
import type { Options } from './options.ts';
import { output, type Output } from './output.ts';

/** Delivers what was rendered of an item to the destination of the job. @throws NotFoundError, StorageRefusedError */
export async function uploadItem(
  item: WorkItem<Item>,
  { options, files, report }: StageContext<Options> & FileStageContext,
): Promise<ItemOutcome<Output>> {
  const rendered = item.files.filter(({ name }) => name !== 'speech');
  const delivered: ItemFile[] = [];
  for (const file of rendered) {
    report(item, { percent: (delivered.length / rendered.length) * 100, step: `Delivering ${file.fileName}` });
    const { name, fileName, mediaType, media } = file;
    const described = { name, fileName, mediaType, ...(media && { media }), isKept: true };
    const destination = options.destinationId === undefined ? {} : { destinationId: options.destinationId };
    delivered.push(await files.put(item, { ...described, ...destination }, await files.open(file)));
  }
  return { state: 'SUCCEEDED', files: delivered, output: output.parse(item.data) };
}
