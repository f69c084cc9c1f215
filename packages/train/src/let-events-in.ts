/** Longest time of work without a chance for events, in ms. */
const longest = 50;
let last = 0;

/**
 * Gives timers, signals and a page's events a chance during long work, several times per second.
 *
 * `await` alone is not enough: on an engine that computes synchronously all promises are already resolved, and a loop
 * of them blocks the event loop.
 */
export async function letEventsIn(): Promise<void> {
  if (performance.now() - last < longest) return;
  await new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
  last = performance.now();
}
