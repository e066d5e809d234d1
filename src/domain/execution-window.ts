export const weekdays = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;
export type Weekday = (typeof weekdays)[number];

/** Hours in which a job may run. One that ends at or before its begin lasts until the next day. */
export interface ExecutionWindow {
  /** Days on which it begins; all when empty. */
  days: readonly Weekday[];
  /** Local time "22:00". */
  from: string;
  /** Local time "06:00"; the window is closed from then on. */
  to: string;
  /** IANA name: "Europe/Berlin". */
  timeZone: string;
}

/** `until`: when that changes, in milliseconds since 1970. */
export interface WindowState {
  isOpen: boolean;
  until: number;
}

const dayMs = 86_400_000;

/**
 * Whether the window is open at a moment, and until when. Where clocks go forward over a time, it counts as much later; where
 * they go back over it, its first occurrence counts (RFC 5545, 3.3.5). Null when the window never opens within nine days.
 */
export function windowAt(window: ExecutionWindow, now: number): WindowState | null {
  const spans = spansAround(window, now);
  const current = spans.find(({ begin, end }) => begin <= now && now < end);
  if (current) return { isOpen: true, until: current.end };
  const next = spans.find(({ begin }) => begin > now);
  return next ? { isOpen: false, until: next.begin } : null;
}

/** True for a name that the time zone database of this process has. */
export function isTimeZone(name: string): boolean {
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

/** The windows from yesterday to in nine days, in order, those that touch joined. */
function spansAround({ days, from, to, timeZone }: ExecutionWindow, now: number): { begin: number; end: number }[] {
  const today = Math.floor(wallTime(now, timeZone) / dayMs) * dayMs;
  const spans: { begin: number; end: number }[] = [];
  for (let day = today - 2 * dayMs; day <= today + 9 * dayMs; day += dayMs) {
    if (days.length > 0 && !days.some((name) => name === weekdayOf(day))) continue;
    const isOvernight = minutesOf(to) <= minutesOf(from);
    const begin = toInstant(day + minutesOf(from) * 60_000, timeZone);
    const end = toInstant(day + (isOvernight ? dayMs : 0) + minutesOf(to) * 60_000, timeZone);
    const last = spans.at(-1);
    if (last && begin <= last.end) last.end = Math.max(last.end, end);
    else if (begin < end) spans.push({ begin, end });
  }
  return spans;
}

function weekdayOf(wall: number): Weekday | undefined {
  // 1970-01-01 was a Thursday.
  return weekdays[(Math.floor(wall / dayMs) + 3) % 7];
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** The clock on the wall at a moment, as if it were in UTC. */
function wallTime(instant: number, timeZone: string): number {
  const parts = new Map(
    formatterOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wall + (((instant % 1_000) + 1_000) % 1_000);
}

function toInstant(wall: number, timeZone: string): number {
  // Clocks change at most once between a day before and a day after.
  const before = offsetAt(wall - dayMs, timeZone);
  const after = offsetAt(wall + dayMs, timeZone);
  return [before, after].map((offset) => wall - offset).find((at) => wallTime(at, timeZone) === wall) ?? wall - before;
}

function offsetAt(instant: number, timeZone: string): number {
  return wallTime(instant, timeZone) - instant;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError for an unknown time zone */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(timeZone, formatter);
  return formatter;
}
