import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { isTimeZone, weekdays, windowAt, type ExecutionWindow } from './execution-window.ts';

const nights: ExecutionWindow = { days: [], from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' };

function at(window: ExecutionWindow, moment: string) {
  const state = windowAt(window, Date.parse(moment));
  return state && { isOpen: state.isOpen, until: new Date(state.until).toISOString() };
}

describe('An execution window', () => {
  test('across midnight is open from its begin and closed from its end on', () => {
    expect(at(nights, '2026-07-01T19:59:59Z')).toEqual({ isOpen: false, until: '2026-07-01T20:00:00.000Z' });
    expect(at(nights, '2026-07-01T20:00:00Z')).toEqual({ isOpen: true, until: '2026-07-02T04:00:00.000Z' });
    expect(at(nights, '2026-07-02T03:59:59Z')).toEqual({ isOpen: true, until: '2026-07-02T04:00:00.000Z' });
    expect(at(nights, '2026-07-02T04:00:00Z')).toEqual({ isOpen: false, until: '2026-07-02T20:00:00.000Z' });
  });

  test('keeps to the clock on the wall when clocks change', () => {
    // Back from 03:00 to 02:00: nine hours. Forward from 02:00 to 03:00: seven.
    expect(at(nights, '2026-10-24T20:00:00Z')).toEqual({ isOpen: true, until: '2026-10-25T05:00:00.000Z' });
    expect(at(nights, '2026-03-28T21:00:00Z')).toEqual({ isOpen: true, until: '2026-03-29T04:00:00.000Z' });
  });

  test.each([
    ['Europe/Berlin', '2026-03-28'],
    ['Europe/Berlin', '2026-10-24'],
    ['America/New_York', '2026-03-07'],
    ['America/New_York', '2026-10-31'],
  ])(
    'of 22:00 to 06:00 in %s is open in exactly its minutes, through the change of clocks after %s',
    (timeZone, day) => {
      const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
      const from = Date.parse(`${day}T18:00:00Z`);
      const minutes = Array.from({ length: 20 * 60 }, (_, minute) => from + minute * 60_000);
      const wrong = minutes.filter((moment) => {
        const wall = clock.format(moment);
        return windowAt({ ...nights, timeZone }, moment)?.isOpen !== (wall >= '22:00' || wall < '06:00');
      });
      expect(wrong.map((moment) => new Date(moment).toISOString())).toEqual([]);
    },
  );

  test('that begins or ends at a time that clocks leave out counts as much later', () => {
    const gap = { ...nights, from: '02:30', to: '04:00' };
    expect(at(gap, '2026-03-29T00:00:00Z')).toEqual({ isOpen: false, until: '2026-03-29T01:30:00.000Z' });
    // 02:10 to 02:40 is left out whole; what it becomes is 03:10 to 03:40.
    expect(at({ ...nights, from: '02:10', to: '02:40' }, '2026-03-29T01:20:00Z')).toEqual({
      isOpen: true,
      until: '2026-03-29T01:40:00.000Z',
    });
    // Begins at what is 03:30 by then, and would end at 03:00: it is left out that day.
    expect(at({ ...nights, from: '02:30', to: '03:00' }, '2026-03-29T00:00:00Z')).toEqual({
      isOpen: false,
      until: '2026-03-30T00:30:00.000Z',
    });
  });

  test('begins on its days only', () => {
    const weekend: ExecutionWindow = { ...nights, days: ['FRIDAY', 'SATURDAY'] };
    expect(at(weekend, '2026-07-05T21:00:00Z')).toEqual({ isOpen: false, until: '2026-07-10T20:00:00.000Z' });
    expect(at(weekend, '2026-07-05T03:00:00Z')).toEqual({ isOpen: true, until: '2026-07-05T04:00:00.000Z' });
  });

  test('that touches the next one stays open through both', () => {
    const always = { ...nights, from: '00:00', to: '00:00' };
    const state = windowAt(always, Date.parse('2026-07-01T12:00:00Z'));
    expect(state?.isOpen).toBe(true);
    expect(state?.until).toBeGreaterThan(Date.parse('2026-07-09T00:00:00Z'));
  });

  test('that no day has never opens', () => {
    // Its only time on a Sunday is left out by the clock change of every such Sunday of these nine days.
    const never: ExecutionWindow = { days: ['SUNDAY'], from: '02:30', to: '03:00', timeZone: 'Europe/Berlin' };
    expect(at(never, '2026-03-28T12:00:00Z')).toEqual({ isOpen: false, until: '2026-04-05T00:30:00.000Z' });
    const nowhere = { ...never, days: ['NEVER' as never] };
    expect(windowAt(nowhere, 0)).toBeNull();
  });

  test('takes time zones that there are', () => {
    expect(['Europe/Berlin', 'UTC', 'Asia/Kathmandu'].map(isTimeZone)).toEqual([true, true, true]);
    expect(['Mars/Olympus', ''].map(isTimeZone)).toEqual([false, false]);
  });

  const time = fc.nat(24 * 60 - 1).map((minutes) => {
    const hours = String(Math.floor(minutes / 60)).padStart(2, '0');
    return `${hours}:${String(minutes % 60).padStart(2, '0')}`;
  });
  const windows = fc.record({
    days: fc.subarray([...weekdays], { minLength: 1 }),
    from: time,
    to: time,
    timeZone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'UTC'),
  });
  const moments = fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2035-01-01') });

  test.prop([windows, moments])('changes exactly when it says', (window, now) => {
    const state = windowAt(window, now);
    expect(state).not.toBeNull();
    if (!state) return;
    expect(state.until).toBeGreaterThan(now);
    expect(windowAt(window, state.until - 1)?.isOpen).toBe(state.isOpen);
    // Only one that is open for nine days on end is looked at again before it closes.
    if (state.until < now + 8 * 86_400_000) expect(windowAt(window, state.until)?.isOpen).toBe(!state.isOpen);
  });

  test.prop([windows, moments])('in UTC agrees with the clock', (window, now) => {
    const utc = { ...window, days: [...weekdays], timeZone: 'UTC' };
    const wall = new Date(now).toISOString().slice(11, 16);
    const inside = utc.from < utc.to ? utc.from <= wall && wall < utc.to : wall >= utc.from || wall < utc.to;
    expect(windowAt(utc, now)?.isOpen).toBe(inside);
  });
});
