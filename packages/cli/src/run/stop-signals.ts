const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What asks a long command to stop: Ctrl-C, a batch system or container, a terminal that is closed. */
export interface StopSignals {
  /** Aborts at the first of them. */
  readonly signal: AbortSignal;
  /** Leaves the signals to the system again. */
  dispose(): void;
}

/** Takes the first signal as a wish to stop in good order; the second ends the process at once, as if none was caught. */
export function stopSignals(): StopSignals {
  const controller = new AbortController();
  // A terminal that was closed takes no more lines, which must not end the process before its checkpoint.
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
