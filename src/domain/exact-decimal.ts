/** A decimal without loss, of any length: units × 10^-scale. */
export interface ExactDecimal {
  units: bigint;
  scale: number;
}

/**
 * Reads what `String()` makes of a number and what a decimal is kept as: "-12.50", "7", "1e-7", "1.5e+21".
 * @throws RangeError for anything else
 */
export function parseDecimal(text: string): ExactDecimal {
  const parts = /^(-?\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text);
  if (!parts) throw new RangeError(`${JSON.stringify(text)} is no decimal number.`);
  const [, whole = '', fraction = '', exponent = '0'] = parts;
  const units = BigInt(whole + fraction);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { units, scale } : { units: raise(units, -scale), scale: 0 };
}

/** The exact sum, at the finer scale of the two. */
export function addDecimals(a: ExactDecimal, b: ExactDecimal): ExactDecimal {
  if (a.scale === b.scale) return { units: a.units + b.units, scale: a.scale };
  const scale = Math.max(a.scale, b.scale);
  return { units: raise(a.units, scale - a.scale) + raise(b.units, scale - b.scale), scale };
}

/** Below zero when `a` is the lesser, above zero when it is the greater one. */
export function compareDecimals(a: ExactDecimal, b: ExactDecimal): number {
  const difference = addDecimals(a, { units: -b.units, scale: b.scale }).units;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** With as many decimals as its scale: { units: 1250n, scale: 2 } is "12.50". */
export function formatDecimal({ units, scale }: ExactDecimal): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const text = scale === 0 ? whole : `${whole}.${digits.slice(digits.length - scale)}`;
  return units < 0n ? `-${text}` : text;
}

function raise(units: bigint, places: number): bigint {
  return units * 10n ** BigInt(places);
}
