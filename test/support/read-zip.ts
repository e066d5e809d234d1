import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import yauzl, { type Entry, type ZipFile } from 'yauzl';

/** The files of an archive by name, in their order. */
export async function readZip(archive: Buffer): Promise<Map<string, Buffer>> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    yauzl.fromBuffer(archive, { lazyEntries: true }, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  const files = new Map<string, Buffer>();
  zip.on('entry', (entry: Entry) => {
    zip.openReadStream(entry, (error, stream: Readable) => {
      if (error) return zip.emit('error', error);
      void buffer(stream).then((content) => {
        files.set(entry.fileName, content);
        zip.readEntry();
      });
    });
  });
  const ended = once(zip, 'end');
  zip.readEntry();
  await ended;
  return files;
}
