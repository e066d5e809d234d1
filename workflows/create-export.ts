import { writeExport } from './activities.ts';

export interface CreateExportInput {
  exportId: string;
}

/** Writes one export file. */
export async function createExport({ exportId }: CreateExportInput): Promise<void> {
  await writeExport({ exportId });
}
