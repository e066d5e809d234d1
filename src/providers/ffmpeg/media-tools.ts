/** Paths of the programs that make and read media. */
export interface MediaTools {
  ffmpeg: string;
  ffprobe: string;
}
