/**
 * Parses JSON so that no number changes: one that a double does not carry ("12345678901234567.89", "1e-400") comes back as
 * its text. Others are numbers. @throws SyntaxError
 */
export function parseExactJson(text: string): unknown {
  return mayLoseDigits.test(text) ? JSON.parse(text, keepLossyNumber) : JSON.parse(text);
}

/** Sixteen digits, or an exponent, where a number may stand. The reviver is several times slower: most texts do without. */
const mayLoseDigits = /(?:^|[:,[\s])-?(?:[\d.]{16}|[\d.]+[eE])/;

function keepLossyNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined) return value;
  const [mantissa = '', exponent] = source.toLowerCase().split('e');
  const digits = mantissa.replace(/[-.]/g, '').replace(/^0+/, '');
  if (digits === '') return value;
  // A double carries 15 significant digits of any decimal in its range (IEEE 754-2019, 5.12.2).
  const inRange = exponent === undefined ? digits.length < 300 : Number.isFinite(value) && Math.abs(value) > 1e-290;
  if (digits.length <= 15 && inRange) return value;
  return String(value) === source ? value : source;
}
