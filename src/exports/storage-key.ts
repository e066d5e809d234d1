import type { Export } from '../database/entities/export.ts';

/** Where everything that was written for an export lies in storage. */
export function exportStorageKey(exportId: string): string {
  return `exports/${exportId}`;
}

/** Each attempt writes a file of its own: a late one cannot replace what another completed. */
export function exportFileKey({ id, attempt }: Pick<Export, 'id' | 'attempt'>): string {
  return `${exportStorageKey(id)}/${attempt}`;
}

/** Where the parts of a file lie while it is written. */
export function exportPartsKey(exportId: string): string {
  return `${exportStorageKey(exportId)}/parts`;
}

/** The nth part, counted from 1, as this attempt writes it. */
export function exportPartKey({ id, attempt }: Pick<Export, 'id' | 'attempt'>, part: number): string {
  return `${exportPartsKey(id)}/${attempt}-${part}`;
}
