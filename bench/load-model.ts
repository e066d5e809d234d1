/** What a job asks for, and in how many lanes it runs. */
export interface Load {
  items: number;
  chunkSize: number;
  /** Chunks of the job in flight: its window, or the room of all workers together where that is less. */
  lanes: number;
  /** Milliseconds that a chunk waits for something outside, as for a provider, while no processor is busy with it. */
  waitMs: number;
}

/** What an installation takes for each part of a job, in milliseconds. */
export interface Capacity {
  emptyJobMs: number;
  /** To read, check, copy and run an item when nothing waits. */
  itemMs: number;
  /** To hand out a chunk and to end it, whatever it holds. */
  chunkMs: number;
}

export interface MeasuredLoad extends Load {
  ms: number;
}

/**
 * Milliseconds from submit to COMPLETED of a job with one item stage: an empty job, what each item and each chunk costs, and
 * the time in which all lanes wait. On one machine these add up, as they share its processors.
 */
export function predictMs(load: Load, { emptyJobMs, itemMs, chunkMs }: Capacity): number {
  return emptyJobMs + load.items * itemMs + chunksOf(load) * chunkMs + waitedMs(load);
}

/** The capacity under which the model is least off, in shares of each time: weighted least squares by their normal equations. */
export function fitCapacity(measured: readonly MeasuredLoad[]): Capacity {
  const rows = measured.map((load) => {
    const parts = [1, load.items, chunksOf(load)].map((part) => part / load.ms);
    return { parts, rest: (load.ms - waitedMs(load)) / load.ms };
  });
  const sum = (value: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + value(row), 0);
  const at = (values: readonly number[], index: number) => values[index] ?? 0;
  const indexes = [0, 1, 2];
  const matrix = indexes.map((i) => indexes.map((j) => sum(({ parts }) => at(parts, i) * at(parts, j))));
  const right = indexes.map((i) => sum(({ parts, rest }) => at(parts, i) * rest));
  const whole = determinant(matrix);
  const [emptyJobMs = 0, itemMs = 0, chunkMs = 0] = indexes.map(
    (column) => determinant(matrix.map((row, i) => row.map((cell, j) => (j === column ? at(right, i) : cell)))) / whole,
  );
  return { emptyJobMs, itemMs, chunkMs };
}

function chunksOf({ items, chunkSize }: Load): number {
  return Math.ceil(items / chunkSize);
}

function waitedMs(load: Load): number {
  return Math.ceil(chunksOf(load) / load.lanes) * load.waitMs;
}

/** Of three rows of three. */
function determinant([[a = 0, b = 0, c = 0] = [], [d = 0, e = 0, f = 0] = [], [g = 0, h = 0, i = 0] = []]: number[][]) {
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}
