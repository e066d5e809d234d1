/** The longest that a timer of Node waits, 24.8 days: a longer one would fire at once. */
const longestMs = 2 ** 31 - 1;

/** Calls back once at the moment, however far away it is, or at once when it is over. Answers how to give it up. */
export function callAt(moment: Date, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = () => {
    const ms = moment.getTime() - Date.now();
    timer = ms > longestMs ? setTimeout(wait, longestMs) : setTimeout(callback, Math.max(ms, 0));
  };
  wait();
  return () => clearTimeout(timer);
}
