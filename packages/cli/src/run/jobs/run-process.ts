import { LocalRunner, type RunOrder } from '@ltml/recipes/node';
import { describeError } from '../../describe-error.ts';
import { startEngine } from '../../engine.ts';
import type { BackendArgument } from '../../option-parsers.ts';
import type { FromProcess, ToProcess } from './messages.ts';

// Does runs for its parent process. Signals of a terminal reach both; only the parent decides when to stop.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const tell = (message: FromProcess): void => {
  // If the parent is gone, nobody needs an answer.
  if (process.connected) process.send?.(message);
};

const runner = new LocalRunner();
/** Stops the current run. */
let stop = new AbortController();

async function perform(order: RunOrder, signal: AbortSignal): Promise<void> {
  let told = 0;
  try {
    await runner.run(order, {
      onProgress(done) {
        // A message per step would be thousands.
        if (performance.now() - told < 200) return;
        told = performance.now();
        tell({ progress: done });
      },
      onWarning: (warning) => tell({ warning }),
      onEvaluation: () => tell('evaluated'),
      signal,
    });
    tell('finished');
  } catch (error) {
    tell(signal.aborted && error === signal.reason ? 'stopped' : { failure: describeError(error) });
  }
}

async function start(): Promise<void> {
  try {
    tell({ engine: await startEngine(process.argv[2] as BackendArgument) });
  } catch (error) {
    tell({ failure: describeError(error) });
    process.exit(1);
  }
}

// The first run may be ordered before the engine has started.
let work = start();
process.on('message', (message: ToProcess) => {
  if (message === 'stop') {
    stop.abort();
    return;
  }
  stop = new AbortController();
  const { signal } = stop;
  work = work.then(() => perform(message.order, signal));
});
process.on('disconnect', () => {
  stop.abort();
  void work.then(() => process.exit(1));
});
