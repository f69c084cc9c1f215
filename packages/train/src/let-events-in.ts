/** Milliseconds that work may go on without a look at events. */
const longest = 50;
let last = 0;

/**
 * Lets timers, signals and a page's events in between two pieces of long work, a few times a second.
 *
 * Awaiting is not enough: on an engine that computes at once, every promise is settled already, and a loop of them keeps
 * the event loop from turning.
 */
export async function letEventsIn(): Promise<void> {
  if (performance.now() - last < longest) return;
  await new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
  last = performance.now();
}
