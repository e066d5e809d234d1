import type { MediaDetails } from '../src/domain/item-file.ts';
import type { KeptFile } from '../src/item-files/item-files.ts';
import { builder } from './builder.ts';

const ItemFileMedia = builder.objectRef<MediaDetails>('ItemFileMedia').implement({
  description: 'What is known of a picture, a sound or a film; what does not apply is null.',
  fields: (t) => ({
    container: t.exposeString('container', { nullable: true, description: 'Container format, as ffprobe calls it.' }),
    videoCodec: t.exposeString('videoCodec', { nullable: true, description: 'How its pictures are encoded.' }),
    audioCodec: t.exposeString('audioCodec', { nullable: true, description: 'How its sound is encoded.' }),
    width: t.exposeInt('width', { nullable: true, description: 'Width in pixels.' }),
    height: t.exposeInt('height', { nullable: true, description: 'Height in pixels.' }),
    durationMs: t.exposeInt('durationMs', { nullable: true, description: 'Length in milliseconds.' }),
    bitrate: t.exposeInt('bitrate', { nullable: true, description: 'Bits a second, of all streams together.' }),
  }),
});

export const ItemFileType = builder.objectRef<KeptFile>('ItemFile').implement({
  description: 'A file that an item left.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What it is to its job type, like "video"; unique in its item.' }),
    fileName: t.exposeString('fileName', { description: 'What a download of it is called.' }),
    mediaType: t.exposeString('mediaType', { description: 'Media type, like "video/mp4".' }),
    byteSize: t.expose('byteSize', { type: 'BigInt', description: 'Size in bytes.' }),
    sha256: t.exposeString('sha256', { description: 'SHA-256 of its bytes in lower-case hexadecimal.' }),
    media: t.expose('media', {
      type: ItemFileMedia,
      nullable: true,
      description: 'What is known of it as a picture, sound or film; null when it is none.',
    }),
    url: t.field({
      type: 'URL',
      description: 'Signed link to the file, good until `expiresAt`; asking again gives a new one.',
      resolve: (file, _, { services }) => services.itemFiles.link(file).url,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When the link stops working.',
      resolve: (file, _, { services }) => services.itemFiles.link(file).expiresAt,
    }),
  }),
});
