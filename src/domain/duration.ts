/** A length of time for people, no more exact than an estimate is: "a few seconds", "about 5 minutes", "about 3 hours". */
export function describeDuration(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 10) return 'a few seconds';
  if (seconds < 50) return `about ${Math.ceil(seconds / 10) * 10} seconds`;
  if (seconds < 90) return 'about a minute';
  const minutes = seconds / 60;
  if (minutes < 55) return `about ${Math.round(minutes)} minutes`;
  if (minutes < 90) return 'about an hour';
  const hours = minutes / 60;
  if (hours < 36) return `about ${Math.round(hours)} hours`;
  return `about ${Math.round(hours / 24)} days`;
}
