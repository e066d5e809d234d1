/** What is known of a picture, a sound or a film. What does not apply is null. */
export interface MediaDetails {
  /** As ffprobe calls it: "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm". */
  container: string | null;
  videoCodec: string | null;
  audioCodec: string | null;
  /** Pixels. */
  width: number | null;
  height: number | null;
  durationMs: number | null;
  /** Bits a second, of all streams together. */
  bitrate: number | null;
}

/** WRITING until the outcome that names the file is committed; GOING when nobody needs it any more and it is to be deleted. */
export type ItemFileState = 'WRITING' | 'STORED' | 'GOING';

/** A file that a stage left for an item. */
export interface ItemFile {
  id: string;
  index: number;
  /** What it is to its job type: "video", "captions". An item has one file of each name. */
  name: string;
  /** What a download is called. */
  fileName: string;
  mediaType: string;
  byteSize: number;
  /** Lower-case hexadecimal. */
  sha256: string;
  media: MediaDetails | null;
}
