import { crc32, deflateRawSync } from 'node:zlib';

/** A file of an archive; what is not given is told by its content. */
export interface ZipFileSpec {
  name: string;
  content: string | Buffer;
  /** As it stands in the archive, in place of the deflated content. */
  packed?: Buffer;
  method?: number;
  flags?: number;
  statedSize?: number;
  crc?: number;
  /** Where the archive says that the file lies, in place of where it lies. */
  offset?: number;
}

/** Writes a ZIP archive that may lie about itself (APPNOTE.TXT, 4.3). */
export function writeZip(files: readonly ZipFileSpec[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let position = 0;
  for (const file of files) {
    const content = Buffer.from(file.content);
    const method = file.method ?? 8;
    const packed = file.packed ?? (method === 8 ? deflateRawSync(content) : content);
    const name = Buffer.from(file.name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE((file.flags ?? 0) | 0x800, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(file.crc ?? crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(file.statedSize ?? content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const entry = Buffer.alloc(14);
    entry.writeUInt32LE(file.offset ?? position, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, entry, name);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, name, packed]);
    parts.push(local);
    position += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(position, 16);
  return Buffer.concat([...parts, listed, end]);
}

const relationships = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** The parts of a workbook of one sheet; `sheetData` is the XML of its rows. */
export function workbookParts(
  sheetData: string,
  { sharedStrings, styles }: { sharedStrings?: string; styles?: string } = {},
): ZipFileSpec[] {
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${relationships}/${type}" Target="${target}"/>`;
  const relations = (content: string) => `<Relationships>${content}</Relationships>`;
  return [
    { name: '[Content_Types].xml', content: '<Types/>' },
    { name: '_rels/.rels', content: relations(relation('rId1', 'officeDocument', 'xl/workbook.xml')) },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: relations(
        relation('rId1', 'worksheet', 'worksheets/sheet1.xml') +
          (sharedStrings === undefined ? '' : relation('rId2', 'sharedStrings', 'sharedStrings.xml')) +
          (styles === undefined ? '' : relation('rId3', 'styles', '/xl/styles.xml')),
      ),
    },
    {
      name: 'xl/workbook.xml',
      content: `<workbook xmlns:r="${relationships}"><sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    },
    { name: 'xl/worksheets/sheet1.xml', content: `<worksheet><sheetData>${sheetData}</sheetData></worksheet>` },
    ...(sharedStrings === undefined ? [] : [{ name: 'xl/sharedStrings.xml', content: sharedStrings }]),
    ...(styles === undefined ? [] : [{ name: 'xl/styles.xml', content: styles }]),
  ];
}
