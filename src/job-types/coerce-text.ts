/**
 * The plain form of a decimal as people write it ("€ 1,234.50", "1 234,50", "(12.00)", "−5"), digit by digit: never through
 * a float. A comma before exactly three digits groups thousands ("1,234" is 1234), a single point is the decimal point
 * ("1.234" is 1.234). Null when the text is no number.
 */
export function toPlainDecimal(text: string): string | null {
  let rest = text
    .replace(/\p{Sc}/gu, '')
    .replace(/^\s*[A-Z]{3}(?=[\s\d+\-−(])|(?<=[\s\d)])[A-Z]{3}\s*$/g, '')
    .replaceAll('−', '-')
    .trim();
  const inBrackets = /^\((.*)\)$/.exec(rest);
  if (inBrackets) rest = `-${inBrackets[1]?.trim()}`;
  const [, sign = '', digits = ''] = /^([+-]?)\s*(.*)$/.exec(rest) ?? [];
  const plain = withoutGroups(digits.replace(/(?<=\d)[\s'’](?=\d{3}(?!\d))/g, ''));
  return plain === null ? null : `${sign === '-' ? '-' : ''}${plain}`;
}

function withoutGroups(digits: string): string | null {
  if (/^\d+(\.\d+)?$/.test(digits)) return digits;
  if (/^\d+\.$/.test(digits)) return digits.slice(0, -1);
  if (/^\.\d+$/.test(digits)) return `0${digits}`;
  // 1,234,567.50 and, as in India, 12,34,567.50. No group begins with a zero: "0,500" is a half.
  if (/^[1-9]\d{0,2}(,\d{2,3})*,\d{3}(\.\d+)?$/.test(digits)) return digits.replaceAll(',', '');
  // 1.234.567,50
  if (/^[1-9]\d{0,2}(\.\d{3})+,\d+$/.test(digits)) return digits.replaceAll('.', '').replace(',', '.');
  if (/^[1-9]\d{0,2}(\.\d{3}){2,}$/.test(digits)) return digits.replaceAll('.', '');
  if (/^\d+,\d+$/.test(digits)) return digits.replace(',', '.');
  return null;
}

/** A number that a double carries exactly; null for other text. */
export function toExactNumber(text: string): number | null {
  if (!/^-?\d+(\.\d+)?$/.test(text)) return null;
  const significant = text.replace(/^-?0*|\./g, '');
  return significant.length <= 15 ? Number(text) : null;
}

/** What people write for true and false; null for other text. */
export function toBoolean(text: string): boolean | null {
  const word = text.toLowerCase();
  if (['true', 'yes', 'y', 'on', '1'].includes(word)) return true;
  if (['false', 'no', 'n', 'off', '0'].includes(word)) return false;
  return null;
}

const datePattern =
  /^(\d{4})([-/.]?)(\d{2})\2(\d{2})(?:[T ]\s*(\d{2}):?(\d{2})(?::?(\d{2})([.,]\d{1,9})?)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** ISO 8601 for its near relatives ("2026/01/31", "20260131", "2026-01-31 12:00"); without an offset it is UTC. Null for other text. */
export function toIsoDateTime(text: string): string | null {
  const match = datePattern.exec(text);
  if (!match) return null;
  const [, year, , month, day, hour, minute, second = '00', fraction = '', zone = 'Z'] = match;
  const date = `${year}-${month}-${day}`;
  if (hour === undefined) return date;
  return `${date}T${hour}:${minute}:${second}${fraction.replace(',', '.')}${toOffset(zone)}`;
}

function toOffset(zone: string): string {
  const match = /^([+-]\d{2}):?(\d{2})?$/.exec(zone);
  return match ? `${match[1]}:${match[2] ?? '00'}` : 'Z';
}
