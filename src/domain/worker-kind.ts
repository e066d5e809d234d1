/** What a worker is good for: chunks that need much of a machine go to a task queue of their own, so that they hold up no others. */
export const workerKinds = ['DEFAULT', 'ENCODE', 'ENCODE_4K'] as const;
export type WorkerKind = (typeof workerKinds)[number];

/** "longhaul" and ENCODE_4K make "longhaul-encode-4k"; DEFAULT is the queue itself. */
export function taskQueueOf(taskQueue: string, kind: WorkerKind): string {
  return kind === 'DEFAULT' ? taskQueue : `${taskQueue}-${toOption(kind)}`;
}

/** Chunks of each kind that a worker runs at a time; one of a kind that is not named runs none. */
export type WorkerQueues = Partial<Record<WorkerKind, number>>;

/** What a worker runs unless it is told otherwise: everything, an encoding for every two cores, and one in 4K. */
export function defaultWorkerQueues(concurrency: number, cores: number): WorkerQueues {
  return { DEFAULT: concurrency, ENCODE: Math.max(1, Math.floor(cores / 2)), ENCODE_4K: 1 };
}

/** Encodings of all kinds together that a worker makes at a time: its queues do not add up, as they share the machine. */
export function mostEncodings({ ENCODE = 0, ENCODE_4K = 0 }: WorkerQueues): number {
  return Math.max(1, ENCODE, ENCODE_4K);
}

/**
 * Reads `default,encode=2,encode-4k`: the kinds that a worker runs, and how many chunks of each at a time where that is not the
 * usual number. @throws RangeError that says what can be written
 */
export function parseWorkerQueues(text: string, usual: WorkerQueues): WorkerQueues {
  const queues: WorkerQueues = {};
  for (const part of text.split(',').map((each) => each.trim())) {
    const [name = '', count] = part.split('=').map((each) => each.trim());
    const kind = workerKinds.find((each) => toOption(each) === name.toLowerCase());
    const atOnce = count === undefined ? (usual[kind ?? 'DEFAULT'] ?? 1) : Number(count);
    if (kind === undefined || !Number.isInteger(atOnce) || atOnce < 1 || atOnce > mostAtOnce) {
      const kinds = workerKinds.map(toOption).join(', ');
      throw new RangeError(
        `must be a list as default,encode=2,encode-4k of ${kinds}, each with 1 to ${mostAtOnce} or without a number, not ${JSON.stringify(part)}`,
      );
    }
    queues[kind] = atOnce;
  }
  return queues;
}

const mostAtOnce = 200;

function toOption(kind: WorkerKind): string {
  return kind.toLowerCase().replace('_', '-');
}
