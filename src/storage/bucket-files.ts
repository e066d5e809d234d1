import type { Bucket, BucketFile } from './bucket.ts';

const pageSize = 1_000;

/** Everything whose key begins with `prefix`, a page at a time. */
export async function* listPages(bucket: Bucket, prefix: string): AsyncGenerator<BucketFile[]> {
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<Bucket['list']>> = await bucket.list(prefix, { after, limit: pageSize });
    yield page.files;
    after = page.next;
  } while (after !== null);
}

export async function deleteBelow(bucket: Bucket, prefix: string): Promise<void> {
  for await (const files of listPages(bucket, prefix)) {
    await bucket.delete(files.map(({ key }) => key));
  }
}
