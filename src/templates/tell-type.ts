/** Tells the media type of a picture or sound by its first bytes, whatever it is called; null for anything else. */
export function tellType(head: Buffer): string | null {
  const text = head.toString('latin1');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'image/webp';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WAVE') return 'audio/wav';
  if (text.startsWith('OggS')) return 'audio/ogg';
  if (text.startsWith('fLaC')) return 'audio/flac';
  if (text.slice(4, 8) === 'ftyp') return 'audio/mp4';
  // A tag, or the sync bits of a frame (ISO 11172-3, 2.4.2.3; AAC in ADTS has layer 0).
  if (text.startsWith('ID3')) return 'audio/mpeg';
  const [first = 0, second = 0] = head;
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return null;
  return (second & 0x06) === 0 ? 'audio/aac' : 'audio/mpeg';
}

/** Bytes that `tellType` looks at. */
export const headBytes = 12;
