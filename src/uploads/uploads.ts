import type { Upload } from '../database/entities/upload.ts';
import type { Viewer } from '../jobs/commands.ts';

export interface UploadRequest {
  fileName: string;
  byteSize?: number | null;
  sha256?: string | null;
}

/** Files that clients send before they submit a job over them. */
export interface Uploads {
  /** @throws InvalidInputError, LimitExceededError */
  createUpload(viewer: Viewer, request: UploadRequest): Promise<Upload>;
  /** The signed link to PUT the file to. */
  uploadUrl(upload: Upload): string;
  findUpload(viewer: Viewer, id: string): Promise<Upload | null>;
}
