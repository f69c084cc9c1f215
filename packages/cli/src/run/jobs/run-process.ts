import { LocalRunner, type RunOrder } from '@ltml/recipes/node';
import { describeError } from '../../describe-error.ts';
import { startEngine } from '../../engine.ts';
import type { BackendArgument } from '../../option-parsers.ts';
import type { FromProcess, ToProcess } from './messages.ts';

// Does runs for a process that has started this one. It alone says when to stop: the signals of a terminal reach both.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const tell = (message: FromProcess): void => {
  // A parent that is gone needs no answer.
  if (process.connected) process.send?.(message);
};

const runner = new LocalRunner();
/** Of the run that was ordered last. */
let stop = new AbortController();

async function perform(order: RunOrder, signal: AbortSignal): Promise<void> {
  let told = 0;
  try {
    await runner.run(order, {
      onProgress(done) {
        // Every step would be thousands of messages.
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

// The first order may come before the engine has started.
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
