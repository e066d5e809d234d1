const dayMs = 86_400_000;
/** Day 1 is 1 January 1900, and day 60 is 29 February 1900, which never was (ECMA-376, part 1, 18.17.4.1). */
const epoch1900 = Date.UTC(1899, 11, 31);
const epoch1904 = Date.UTC(1904, 0, 1);
const epochOfSheets = Date.UTC(1899, 11, 30);
/** 31 December 9999. */
const maxSerial = 2_958_466;

/**
 * The day "2026-03-02", the moment "2026-03-02T09:30:00Z" or the time of day "09:30:00" that a number of days stands for,
 * to the millisecond. A sheet knows no offsets: its moments count as UTC. Null when it stands for none.
 */
export function toIsoMoment(serial: number, isFrom1904: boolean): string | null {
  if (!(serial >= 0 && serial < maxSerial)) return null;
  const days = Math.floor(serial);
  const ms = Math.round((serial - days) * dayMs);
  if (serial < 1 && !isFrom1904) return timeOf(new Date(ms));
  if (!isFrom1904 && days === 60) return null;
  const start = isFrom1904 ? epoch1904 : epoch1900 - (days > 60 ? dayMs : 0);
  return isoOf(start + days * dayMs, ms);
}

/** The same for Google Sheets, whose day 1 is 31 December 1899: no day is missing, and none is there that never was. */
export function toSheetsMoment(serial: number): string | null {
  if (!(serial >= 0 && serial < maxSerial)) return null;
  const days = Math.floor(serial);
  const ms = Math.round((serial - days) * dayMs);
  return serial < 1 ? timeOf(new Date(ms)) : isoOf(epochOfSheets + days * dayMs, ms);
}

function isoOf(midnight: number, ms: number): string {
  const moment = new Date(midnight + ms);
  const day = moment.toISOString().slice(0, 10);
  return ms === 0 ? day : `${day}T${timeOf(moment)}Z`;
}

function timeOf(moment: Date): string {
  return moment.toISOString().slice(11, 23).replace('.000', '');
}
