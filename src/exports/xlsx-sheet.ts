import type { ColumnType, TableColumn } from './table-columns.ts';
import { toSerialDate, type XlsxValue } from './xlsx-value.ts';

export type XlsxColumn = Pick<TableColumn, 'name' | 'type'>;

/** Indexes of the cell formats in `stylesXml`. */
const headerStyle = 1;
const dateStyle = 2;

/** Plain cells, a bold header, and moments with their milliseconds. */
export const stylesXml = `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss.000"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

/** Everything of a sheet before its rows: a frozen header of these columns, each as wide as its values tend to be. */
export function beginSheet(columns: readonly XlsxColumn[]): string {
  const widths = columns.map(({ name, type }, at) => {
    const width = Math.max(usualWidth[type], name.length + 3);
    return `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`;
  });
  const header = columns.map(({ name }, at) => textCell(`${columnLetters(at)}1`, name, headerStyle)).join('');
  return `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths.join('')}</cols><sheetData><row r="1">${header}</row>`;
}

export const endSheet = '</sheetData></worksheet>';

/** `row` counts from 1, the header included. */
export function sheetRow(row: number, values: readonly (XlsxValue | null)[]): string {
  let cells = '';
  for (const [at, value] of values.entries()) if (value !== null) cells += cell(`${columnLetters(at)}${row}`, value);
  return `<row r="${row}">${cells}</row>`;
}

/** In characters. */
const usualWidth: Record<ColumnType, number> = {
  TEXT: 24,
  INTEGER: 12,
  NUMBER: 16,
  BOOLEAN: 10,
  TIMESTAMP: 24,
  DECIMAL: 20,
  JSON: 40,
};

function cell(place: string, value: XlsxValue): string {
  if (typeof value === 'string') return textCell(place, value, 0);
  if (typeof value === 'number') return `<c r="${place}"><v>${value}</v></c>`;
  if (typeof value === 'boolean') return `<c r="${place}" t="b"><v>${value ? 1 : 0}</v></c>`;
  return `<c r="${place}" s="${dateStyle}"><v>${toSerialDate(value)}</v></c>`;
}

/** Stands in its cell: a table of shared texts would have to be held in memory until the end. */
function textCell(place: string, text: string, style: number): string {
  const styled = style === 0 ? '' : ` s="${style}"`;
  return `<c r="${place}"${styled} t="inlineStr"><is><t xml:space="preserve">${escapeText(cutText(text))}</t></is></c>`;
}

/** Most characters of a cell, in UTF-16 units (Excel specifications and limits). */
const maxCharacters = 32_767;

/** A longer text is cut, and says so; the other formats hold it whole. */
function cutText(text: string): string {
  if (text.length <= maxCharacters) return text;
  const note = `… [cut: ${text.length} characters]`;
  const kept = text.slice(0, maxCharacters - note.length);
  // Not between the halves of one character.
  return (kept.isWellFormed() ? kept : kept.slice(0, -1)) + note;
}

const special = /[&<>\uFFFE\uFFFF]|(?![\t\n])\p{Cc}|_(?=x[\dA-Fa-f]{4}_)/gu;

/** What XML cannot hold is written as _xHHHH_ (ECMA-376, ST_Xstring), and text that looks like that as well. */
function escapeText(text: string): string {
  return text.replace(special, (character) => {
    if (character === '&') return '&amp;';
    if (character === '<') return '&lt;';
    if (character === '>') return '&gt;';
    return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
  });
}

/** A to Z, then AA and on. */
function columnLetters(at: number): string {
  const last = String.fromCharCode(65 + (at % 26));
  return at < 26 ? last : columnLetters(Math.floor(at / 26) - 1) + last;
}
