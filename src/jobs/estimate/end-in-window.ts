import { windowAt, type ExecutionWindow } from '../../domain/execution-window.ts';

/** Those of a year of days: what lasts longer is no estimate. */
const maxOpenings = 366;

/** When work of so many milliseconds ends that begins at a moment and rests while the window is closed; null when that is too far to tell. */
export function endInWindow(window: ExecutionWindow | null, startMs: number, workMs: number): number | null {
  if (window === null) return startMs + workMs;
  let at = startMs;
  let left = workMs;
  for (let opening = 0; opening < maxOpenings; opening += 1) {
    const state = windowAt(window, at);
    if (state === null) return null;
    if (state.isOpen && left <= state.until - at) return at + left;
    if (state.isOpen) left -= state.until - at;
    at = state.until;
  }
  return null;
}
