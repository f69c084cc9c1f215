const events = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Starts the engine, and removes the listeners that its script adds to the process. They rethrow uncaught errors from a
 * line as long as the whole script, and Node would print that line.
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

/** Recognises the script's listeners, since others may have been added in the meantime. */
const throwsAgain = /\bthrow (ex|reason)\b/;

function listenersOf(event: string): ((...args: unknown[]) => void)[] {
  return process.listeners(event as 'exit') as unknown as ((...args: unknown[]) => void)[];
}
