import type { DestinationAccess } from './destinations.ts';

/**
 * Where the options of a job name a destination, by `destinationId`, it has to work: it is tried before the job is accepted and
 * again before it begins, which can be days later. @throws NotFoundError, StorageRefusedError
 */
export async function assertDestination(
  destinations: Pick<DestinationAccess, 'checkDestination'>,
  projectId: string,
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { destinationId } = options;
  if (typeof destinationId === 'string') await destinations.checkDestination(projectId, destinationId);
}
