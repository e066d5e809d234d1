import type { ParquetParsers, SchemaElement, SchemaTree } from 'hyparquet';

/** A value that JSON cannot carry. Its message is to be read after the column's name. */
export class UnreadableValueError extends Error {}

/** Dates and moments as ISO 8601 with all their digits, texts held to UTF-8. */
export const parsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (millis) => toIso(millis, 3),
  timestampFromMicroseconds: (micros) => toIso(micros, 6),
  timestampFromNanoseconds: (nanos) => toIso(nanos, 9),
  dateFromDays: (days) => toIsoDate(days),
  stringFromBytes: (bytes) => bytes && toText(bytes),
  jsonFromBytes: (bytes) => bytes && toText(bytes),
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function toText(bytes: Uint8Array): string | UnreadableValueError {
  try {
    return utf8.decode(bytes);
  } catch {
    return new UnreadableValueError('is not UTF-8');
  }
}

/** `digits` of a second are counted: 3, 6 or 9. Moments without a time zone count as UTC. */
function toIso(count: bigint | number | null | undefined, digits: number): string | UnreadableValueError | null {
  if (count === null || count === undefined) return null;
  const unit = 10n ** BigInt(digits);
  const total = BigInt(count);
  const fraction = ((total % unit) + unit) % unit;
  const moment = new Date(Number((total - fraction) / unit) * 1_000);
  if (Number.isNaN(moment.getTime())) return new UnreadableValueError('is a moment beyond all calendars');
  const shown =
    fraction === 0n
      ? ''
      : `.${String(fraction)
          .padStart(digits, '0')
          .replace(/(000)+$/, '')}`;
  return moment.toISOString().replace('.000Z', `${shown}Z`);
}

function toIsoDate(days: number | null | undefined): string | UnreadableValueError | null {
  if (days === null || days === undefined) return null;
  const day = new Date(days * 86_400_000);
  return Number.isNaN(day.getTime())
    ? new UnreadableValueError('is a day beyond all calendars')
    : day.toISOString().slice(0, 10);
}

export type ReadValue = (value: unknown) => unknown;

/**
 * Makes the function that turns what hyparquet decodes of a column into JSON. Decimals keep all their digits, as text where
 * a number would lose some; bytes without a meaning are Base64. @throws UnreadableValueError
 */
export function createValueReader(column: SchemaTree): ReadValue {
  const readOne = column.children.length === 0 ? createLeafReader(column.element) : createGroupReader(column);
  const isList = column.element.repetition_type === 'REPEATED';
  const read: ReadValue = (value) => (value === null || value === undefined ? null : readOne(value));
  return isList ? (value) => (Array.isArray(value) ? value.map(read) : read(value)) : read;
}

function createGroupReader(group: SchemaTree): ReadValue {
  const { children, element } = group;
  const [only] = children;
  if (element.converted_type === 'LIST' && only && children.length === 1) {
    const [inner] = only.children;
    const readElement = createValueReader(inner && only.children.length === 1 ? inner : asSingle(only));
    return (value) => (Array.isArray(value) ? value.map(readElement) : readElement(value));
  }
  if (element.converted_type === 'MAP' && only) {
    const values = only.children.find(({ element: { name } }) => name === 'value');
    const readOne = values ? createValueReader(values) : (value: unknown) => value;
    return (value) => mapValues(value, () => readOne);
  }
  const readers = new Map(children.map((child) => [child.element.name, createValueReader(child)]));
  return (value) => mapValues(value, (name) => readers.get(name));
}

/** An element of a list that is not wrapped in a group of its own. */
function asSingle(node: SchemaTree): SchemaTree {
  return { ...node, element: { ...node.element, repetition_type: 'REQUIRED' } };
}

function mapValues(value: unknown, readerOf: (name: string) => ReadValue | undefined): unknown {
  if (typeof value !== 'object' || value === null || value instanceof UnreadableValueError) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]: [string, unknown]) => [name, (readerOf(name) ?? ((it) => it))(each)]),
  );
}

function createLeafReader(element: SchemaElement): ReadValue {
  const { logical_type: logical, converted_type: converted } = element;
  if (logical?.type === 'DECIMAL' || converted === 'DECIMAL') return decimalReader(scaleOf(element));
  if (logical?.type === 'TIME') return timeReader({ MILLIS: 3, MICROS: 6, NANOS: 9 }[logical.unit]);
  if (converted === 'TIME_MILLIS') return timeReader(3);
  if (converted === 'TIME_MICROS') return timeReader(6);
  if (logical?.type === 'JSON' || converted === 'JSON') return readJson;
  if (element.type === 'FLOAT') return (value) => toJson(typeof value === 'number' ? shortestFloat(value) : value);
  return toJson;
}

function scaleOf({ logical_type: logical, scale }: SchemaElement): number {
  const found = scale ?? (logical?.type === 'DECIMAL' ? logical.scale : 0);
  if (Number.isInteger(found) && found >= 0 && found <= 1_000) return found;
  throw new RangeError(`a decimal has the scale ${found}`);
}

function decimalReader(scale: number): ReadValue {
  return (value) => {
    const unscaled =
      value instanceof Uint8Array ? fromBigEndian(value) : BigInt(typeof value === 'bigint' ? value : Number(value));
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
    const whole = digits.slice(0, digits.length - scale);
    const plain = scale === 0 ? whole : `${whole}.${digits.slice(-scale)}`;
    return unscaled < 0n ? `-${plain}` : plain;
  };
}

/** Two's complement, as Parquet stores decimals in bytes. */
function fromBigEndian(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
}

function timeReader(digits: number): ReadValue {
  return (value) => {
    const moment = toIso(typeof value === 'bigint' ? value : Number(value), digits);
    return typeof moment === 'string' ? moment.slice(11, -1) : toJson(moment);
  };
}

const readJson: ReadValue = (value) => {
  const text = toJson(value);
  if (typeof text !== 'string') return text;
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    throw new UnreadableValueError('is not JSON');
  }
};

function toJson(value: unknown): unknown {
  if (value instanceof UnreadableValueError) throw value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new UnreadableValueError(`is ${value}, which is no number`);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value;
}

/** The shortest decimal that names the same number of 32 bits: 0.1, not 0.10000000149011612. */
function shortestFloat(value: number): number {
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
