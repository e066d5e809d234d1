import { z } from 'zod';
import type { Export } from '../../database/entities/export.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { isExportEnded } from '../../domain/export.ts';
import { hubIntervalMs, type FeedHub } from './feed-hub.ts';
import { pause } from './pause.ts';

/** See `JobFeed.exportProgress`. A reader takes the newest row when it is ready for one; rows between are left out. */
export async function* followExport(
  request: { hub: FeedHub; projectId: string; exportId: string },
  signal: AbortSignal,
): AsyncGenerator<Export, void, undefined> {
  const { hub, exportId } = request;
  // Postgres would refuse the statement.
  if (!z.guid().safeParse(exportId).success) throw new NotFoundError(`There is no export ${exportId}.`);
  const channel = await hub.watchExport(request.projectId, exportId, signal);
  try {
    let told: Export | null = null;
    while (!signal.aborted) {
      hub.assertOpen();
      channel.assertThere();
      const { row }: { row: Export } = channel;
      if (row === told) {
        await channel.changed.wait(signal);
        continue;
      }
      yield row;
      if (isExportEnded(row.state)) return;
      told = row;
      await pause(hubIntervalMs, signal);
    }
  } finally {
    hub.leaveExport(channel);
  }
}
