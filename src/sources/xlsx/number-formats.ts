import { readWholeXml } from './read-xml.ts';

/** ECMA-376, part 1, 18.8.30: dates and times among the formats that a workbook need not spell out. */
const dateFormats = new Set([14, 15, 16, 17, 18, 19, 20, 21, 22, 45, 47, ...range(27, 36), ...range(50, 58)]);

/** Tells by the style of a cell whether its number is a date. */
export type IsDateStyle = (style: number) => boolean;

export const noDates: IsDateStyle = () => false;

/** Reads the styles of a workbook. @throws UnreadableSourceError */
export async function readDateStyles(pieces: AsyncIterable<Buffer>, part: string): Promise<IsDateStyle> {
  const codes = new Map<number, boolean>();
  const styles: number[] = [];
  let isInCells = false;
  await readWholeXml(pieces, part, {
    open: (name, attributes) => {
      if (name === 'cellXfs') isInCells = true;
      if (name === 'numFmt') codes.set(Number(attributes['numFmtId']), isDateFormat(attributes['formatCode'] ?? ''));
      if (name === 'xf' && isInCells) styles.push(Number(attributes['numFmtId'] ?? 0));
    },
    close: (name) => {
      if (name === 'cellXfs') isInCells = false;
    },
  });
  const areDates = styles.map((format) => codes.get(format) ?? dateFormats.has(format));
  return (style) => areDates[style] ?? false;
}

/** Whether a format shows a number as a moment. What shows it as a length of time, like [h]:mm, leaves it a number. */
export function isDateFormat(code: string): boolean {
  const [first = ''] = code.replace(/"[^"]*"|\\.|[_*]./g, '').split(';');
  if (/\[(h+|m+|s+)\]/i.test(first)) return false;
  const bare = first.replace(/\[[^\]]*\]/g, '');
  return !/general/i.test(bare) && /[dmyhs]/i.test(bare);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
