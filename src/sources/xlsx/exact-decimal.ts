/**
 * A number of a sheet: a number where that prints as the file states it, in at most 15 digits; else its plain decimal text.
 * Spreadsheet programs write 1.1 with 17 digits, as 1.1000000000000001: where at most 15 digits name the same double, which is
 * what they keep (IEEE 754-2019, 5.12.2), these are meant. Null for other text.
 */
export function toExactDecimal(text: string): number | string | null {
  const double = Number(text);
  if (text.length <= 15 && String(double) === text && /^[-.\d]+$/.test(text)) return double;
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text.trim());
  if (!match) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`;
  const shift = Number(exponent);
  if (digits === '' || digits.length > maxDigits || Math.abs(shift) > maxExponent) return null;
  const significant = countSignificant(digits);
  if ((significant === 16 || significant === 17) && countSignificant(mantissaOf(String(double))) <= 15) return double;
  const plain = toPlain(sign === '-' ? '-' : '', digits, whole.length + shift);
  return significant <= 15 && String(double) === plain ? Number(plain) : plain;
}

const maxDigits = 400;
/** Beyond what a double reaches, 5e-324 to 1.8e308, no program writes. */
const maxExponent = 400;

function countSignificant(digits: string): number {
  return digits.replace(/^0+|0+$/g, '').length;
}

function mantissaOf(text: string): string {
  return text.replace(/e.*$/, '').replace(/[-.]/g, '');
}

/** `point` is how many of the digits stand before the decimal point. */
function toPlain(sign: string, digits: string, point: number): string {
  const padded = digits.padStart(digits.length + Math.max(0, -point), '0').padEnd(Math.max(point, 0), '0');
  const at = Math.max(point, 0);
  const whole = padded.slice(0, at).replace(/^0+(?=\d)/, '') || '0';
  const fraction = padded.slice(at);
  const plain = fraction === '' ? whole : `${whole}.${fraction}`;
  return /^[0.]*$/.test(plain) ? plain : `${sign}${plain}`;
}
