export const stageStates = ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'SKIPPED', 'CANCELED'] as const;
export type StageState = (typeof stageStates)[number];

export const chunkStates = ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELED'] as const;
export type ChunkState = (typeof chunkStates)[number];

/** INGEST brings the items in, ITEMS runs over them in chunks, ONCE runs a single time. */
export const stageKinds = ['INGEST', 'ITEMS', 'ONCE'] as const;
export type StageKind = (typeof stageKinds)[number];

/** The name of the stage that every job begins with. */
export const ingestStageName = 'INGEST';
