import type { KeptFile } from '../database/sql/item-files/read-kept-files.ts';

/** What to say of a file that its item has and that cannot be read: its destination was disconnected, or somebody deleted it there. */
export function explainLost(file: KeptFile, why: 'DISCONNECTED' | 'DELETED'): string {
  const { index, fileName, key, destinationId } = file;
  const named = `File ${JSON.stringify(fileName)} of item ${index}`;
  if (why === 'DISCONNECTED') {
    return `${named} lies at a destination that is not connected any more. It is still there for its owner, as ${key}.`;
  }
  const place = destinationId === null ? 'in the storage of this server' : 'at its destination';
  return `${named} is gone: somebody deleted ${key} ${place}. Put it back there, or submit the item again.`;
}
