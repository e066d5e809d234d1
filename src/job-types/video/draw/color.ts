/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

export function parseColor(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

export function toHex(color: Rgb): string {
  return `#${color.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

/** `share` of `b` in `a`, 0 to 1. */
export function mix(a: string, b: string, share: number): string {
  const [from, to] = [parseColor(a), parseColor(b)];
  const part = (index: 0 | 1 | 2) => from[index] + (to[index] - from[index]) * share;
  return toHex([part(0), part(1), part(2)]);
}

export function withAlpha(hex: string, alpha: number): string {
  return `rgba(${parseColor(hex).join(', ')}, ${alpha})`;
}

/** By WCAG, 1 (the same) to 21 (black on white). */
export function contrast(a: string, b: string): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (lighter + 0.05) / (darker + 0.05);
}

export function isDark(hex: string): boolean {
  return contrast(hex, '#ffffff') >= contrast(hex, '#000000');
}

/** The color itself where it can be read on `background`, else as little whiter or blacker as is needed. */
export function readableOn(color: string, background: string, leastContrast: number): string {
  if (contrast(color, background) >= leastContrast) return color;
  const target = isDark(background) ? '#ffffff' : '#000000';
  for (let share = 0.1; share < 1; share += 0.1) {
    const tried = mix(color, target, share);
    if (contrast(tried, background) >= leastContrast) return tried;
  }
  return target;
}

function luminance(hex: string): number {
  const [red, green, blue] = parseColor(hex).map((part) => {
    const share = part / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}
