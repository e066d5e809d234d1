import type { Export } from '../database/entities/export.ts';

/** Where everything that was written for an export lies in storage. */
export function exportStorageKey(exportId: string): string {
  return `exports/${exportId}`;
}

/** Each attempt writes a file of its own: a late one cannot replace what another completed. */
export function exportFileKey({ id, attempt }: Pick<Export, 'id' | 'attempt'>): string {
  return `${exportStorageKey(id)}/${attempt}`;
}
