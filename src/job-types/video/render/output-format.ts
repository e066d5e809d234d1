export const containers = ['MP4', 'MOV', 'WEBM'] as const;
export const videoCodecs = ['H264', 'H265', 'VP9'] as const;
export const audioCodecs = ['AAC', 'OPUS'] as const;
export const resolutions = ['P720', 'P1080', 'P2160'] as const;
export const orientations = ['LANDSCAPE', 'PORTRAIT', 'SQUARE'] as const;

export type Container = (typeof containers)[number];
export type VideoCodec = (typeof videoCodecs)[number];
export type AudioCodec = (typeof audioCodecs)[number];
export type Resolution = (typeof resolutions)[number];
export type Orientation = (typeof orientations)[number];

export interface OutputFormat {
  container: Container;
  videoCodec: VideoCodec;
  audioCodec: AudioCodec;
}

export interface FrameSize {
  width: number;
  height: number;
}

/** What players of a container can play, not what a file could hold: QuickTime knows no VP9 and no Opus. */
const playable: Record<Container, { video: readonly VideoCodec[]; audio: readonly AudioCodec[] }> = {
  MP4: { video: ['H264', 'H265', 'VP9'], audio: ['AAC', 'OPUS'] },
  MOV: { video: ['H264', 'H265'], audio: ['AAC'] },
  WEBM: { video: ['VP9'], audio: ['OPUS'] },
};

export function isPlayable({ container, videoCodec, audioCodec }: OutputFormat): boolean {
  const { video, audio } = playable[container];
  return video.includes(videoCodec) && audio.includes(audioCodec);
}

/** What is wrong with a format and what to choose instead; null when it can be played. */
export function explainUnplayable(format: OutputFormat): string | null {
  if (isPlayable(format)) return null;
  const { video, audio } = playable[format.container];
  return `${format.container} with ${format.videoCodec} and ${format.audioCodec} is played nowhere: ${format.container} takes ${video.join(' or ')} with ${audio.join(' or ')}.`;
}

const files: Record<Container, { extension: string; mediaType: string }> = {
  MP4: { extension: 'mp4', mediaType: 'video/mp4' },
  MOV: { extension: 'mov', mediaType: 'video/quicktime' },
  WEBM: { extension: 'webm', mediaType: 'video/webm' },
};

export function extensionOf(container: Container): string {
  return files[container].extension;
}

export function mediaTypeOf(container: Container): string {
  return files[container].mediaType;
}

const shorterSides: Record<Resolution, number> = { P720: 720, P1080: 1080, P2160: 2160 };

/** The resolution names the shorter side; what is not square is 16 to 9. */
export function frameSize(resolution: Resolution, orientation: Orientation): FrameSize {
  const short = shorterSides[resolution];
  const long = (short / 9) * 16;
  if (orientation === 'SQUARE') return { width: short, height: short };
  return orientation === 'LANDSCAPE' ? { width: long, height: short } : { width: short, height: long };
}
