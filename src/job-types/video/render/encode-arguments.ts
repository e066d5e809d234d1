import { extensionOf, type AudioCodec, type FrameSize, type OutputFormat, type VideoCodec } from './output-format.ts';

export const framesPerSecond = 30;

/**
 * Presets that keep two cores busy with little more than what drawing and mixing leave. Each is told to use threads for two, as
 * there is a video for every two: with those of a large machine each would hold many times the frames (`renderNeeds`).
 */
const videoArguments: Record<VideoCodec, readonly string[]> = {
  H264: '-c:v libx264 -threads 3 -preset veryfast -crf 21 -profile:v high'.split(' '),
  // QuickTime and Safari know H.265 by this tag only.
  H265: [
    ...'-c:v libx265 -preset superfast -crf 25 -tag:v hvc1'.split(' '),
    '-x265-params',
    'log-level=error:pools=2:frame-threads=1',
  ],
  VP9: '-c:v libvpx-vp9 -threads 2 -deadline realtime -cpu-used 8 -row-mt 1 -tile-columns 2 -crf 33 -b:v 0'.split(' '),
};

const audioArguments: Record<AudioCodec, readonly string[]> = {
  AAC: ['-c:a', 'aac', '-b:a', '128k'],
  OPUS: ['-c:a', 'libopus', '-b:a', '96k'],
};

export interface EncodeInput {
  format: OutputFormat;
  size: FrameSize;
  title: string;
  soundPath: string;
  gainDb: number;
  outPath: string;
}

/** ffmpeg's arguments for a video of frames that come on its input as `createYuvFrame` makes them. */
export function toEncodeArguments({ format, size, title, soundPath, gainDb, outPath }: EncodeInput): string[] {
  return [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'yuv420p',
    '-video_size',
    `${size.width}x${size.height}`,
    '-framerate',
    `${framesPerSecond}`,
    '-i',
    'pipe:0',
    '-i',
    soundPath,
    '-map',
    '0:v',
    '-map',
    '1:a',
    ...toVideoArguments(format.videoCodec),
    // Peaks stay a decibel and a half below the most.
    '-af',
    `volume=${gainDb.toFixed(2)}dB,alimiter=limit=0.84:level=false,aresample=48000`,
    ...audioArguments[format.audioCodec],
    '-metadata',
    `title=${title}`,
    // The index comes first, so that a player can begin before it has all.
    ...(format.container === 'WEBM' ? [] : ['-movflags', '+faststart']),
    '-f',
    extensionOf(format.container),
    outPath,
  ];
}

/** Without these, players would take the colors for those of old television, and pixels for any shape. */
const pictureFilters =
  'setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709,setsar=1,format=yuv420p';

function toVideoArguments(codec: VideoCodec): string[] {
  return [
    '-vf',
    pictureFilters,
    '-colorspace',
    'bt709',
    '-color_primaries',
    'bt709',
    '-color_trc',
    'bt709',
    '-color_range',
    'tv',
    ...videoArguments[codec],
    '-g',
    `${framesPerSecond * 2}`,
  ];
}
