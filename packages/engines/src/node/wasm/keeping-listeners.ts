const events = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Starts the engine, and takes away the listeners that its script adds to the process: they throw errors that nobody caught
 * once more, out of a line as long as the script, all of which Node then prints.
 */
export async function keepingListeners(start: () => Promise<void>): Promise<void> {
  const before = new Set(events.flatMap(listenersOf));
  try {
    await start();
  } finally {
    for (const event of events) {
      for (const listener of listenersOf(event)) {
        if (!before.has(listener) && throwsAgain.test(String(listener))) process.off(event, listener);
      }
    }
  }
}

/** The script's own, as opposed to those that others may have added meanwhile. */
const throwsAgain = /\bthrow (ex|reason)\b/;

function listenersOf(event: string): ((...args: unknown[]) => void)[] {
  return process.listeners(event as 'exit') as unknown as ((...args: unknown[]) => void)[];
}
