/** What a destination is: a bucket of Amazon S3 or its like, one of Google Cloud Storage, a folder on the server. */
export const destinationKinds = ['S3', 'GCS', 'FOLDER'] as const;
export type DestinationKind = (typeof destinationKinds)[number];

/** Why a storage cannot be used, for whoever set it up. */
export const storageProblems = [
  'UNREACHABLE',
  'FORBIDDEN_ADDRESS',
  'NO_BUCKET',
  'WRONG_REGION',
  'WRONG_CREDENTIALS',
  'NO_PERMISSION',
  'CLOCK_SKEW',
  'OTHER',
] as const;
export type StorageProblem = (typeof storageProblems)[number];
