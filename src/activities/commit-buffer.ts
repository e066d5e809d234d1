import { toError } from '../domain/errors.ts';
import type { ChunkRun } from './chunk-run.ts';
import { commitItems, gather, join } from './commit-items.ts';
import type { EndedItem } from './run-items.ts';

/** Outputs are large when a commit holds so much text of them; Postgres takes at most 256 MB. */
const maxCharacters = 32 * 1_048_576;

/** Gathers items as they end; its commits follow one another, and the first that fails fails the chunk. */
export function createCommitBuffer(run: ChunkRun, refused: EndedItem<unknown>[]) {
  let gathered = gather(run, refused);
  let size = refused.length;
  let committing = Promise.resolve();
  let failure: Error | undefined;

  const take = () => {
    const taken = gathered;
    gathered = gather(run, []);
    return taken;
  };

  const commitPart = (): void => {
    if (gathered.ended.results.length === 0 || failure) return;
    const part = take();
    committing = committing
      .then(async () => await commitItems(run, 'RUNNING', part))
      .catch((thrown: unknown) => {
        failure ??= toError(thrown);
      });
  };

  return {
    size: () => size,
    add: (items: EndedItem<unknown>[]): void => {
      size += items.length;
      try {
        gathered = join(gathered, gather(run, items));
      } catch (thrown) {
        failure ??= toError(thrown);
      }
      if (run.isLast && gathered.ended.characters > maxCharacters) commitPart();
    },
    commitPart,
    commitRest: async (next: 'PENDING' | 'COMPLETED'): Promise<void> => {
      await committing;
      if (failure) throw toError(failure);
      // What passed on in a chunk that is not whole leaves no trace, and is processed again.
      const rest = next === 'COMPLETED' || run.isLast ? take() : gather(run, []);
      await commitItems(run, next, rest);
    },
  };
}
