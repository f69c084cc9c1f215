import { printErrors } from '../terminal.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Signals that ask a long command to stop: from Ctrl-C, a batch system, a container, or a closed terminal. */
export interface StopSignals {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  /** Restores the system's handling of signals. */
  dispose(): void;
}

/**
 * Catches signals. The first one asks the command to stop cleanly; the second ends the process at once, as if not
 * caught.
 */
export function stopSignals(): StopSignals {
  const controller = new AbortController();
  // Writing to a closed terminal fails. That must not end the process before its checkpoint.
  const ignore = (): void => {};
  const streams = [process.stdout, process.stderr];
  const dispose = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
    for (const stream of streams) stream.off('error', ignore);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      dispose();
      process.kill(process.pid, signal);
    } else controller.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  for (const stream of streams) stream.on('error', ignore);
  return { signal: controller.signal, dispose };
}

/**
 * Does work that the first signal stops cleanly. Then it prints so, and sets exit code 1.
 *
 * @param kept what is kept, and how to continue, for the message
 * @param work throws the signal's reason when it has stopped
 * @returns the result of the work; undefined if it was stopped
 */
export async function untilStopped<T>(kept: string, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const { signal, dispose } = stopSignals();
  try {
    return await work(signal);
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    printErrors(`stopped; ${kept}`);
    process.exitCode = 1;
    return undefined;
  } finally {
    dispose();
  }
}
