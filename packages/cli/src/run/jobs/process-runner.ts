import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Runner, RunOrder, RunWatch } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import type { ErrorDescription } from '../../describe-error.ts';
import type { BackendArgument } from '../../option-parsers.ts';
import type { FromProcess, ToProcess } from './messages.ts';

/** Options of {@link ProcessRunner}. */
export interface ProcessRunnerOptions {
  readonly backend: BackendArgument;
  /** Threads of the engine. */
  readonly threads: number;
  /** Called with the engine's name when it has started. */
  readonly onEngine: (engine: string) => void;
}

/** A run that failed in another process. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';
  readonly description: ErrorDescription;

  constructor(description: ErrorDescription) {
    super(description.lines.join('\n'));
    this.description = description;
  }
}

/** Does runs in a process of its own. The process starts with the first run, and again if it died in a run. */
export class ProcessRunner implements Runner {
  readonly #options: ProcessRunnerOptions;
  #child: ChildProcess | undefined;

  constructor(options: ProcessRunnerOptions) {
    this.#options = options;
  }

  /** Process id; undefined before the first run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  run(order: RunOrder, { onProgress, onWarning, onEvaluation, signal }: RunWatch): Promise<void> {
    this.#child ??= this.#start();
    const child = this.#child;
    return new Promise((resolve, reject) => {
      let complaint = '';
      const stop = (): void => say(child, 'stop');
      const onComplaint = (chunk: Buffer): void => {
        complaint = (complaint + chunk.toString()).slice(-2000);
      };
      const settle = (error?: unknown): void => {
        signal?.removeEventListener('abort', stop);
        child.off('message', onMessage).off('exit', onExit);
        child.stderr?.off('data', onComplaint);
        if (error === undefined) resolve();
        else reject(error);
      };
      const onMessage = (message: FromProcess): void => {
        if (message === 'finished') settle();
        else if (message === 'stopped') settle(signal?.reason);
        else if (message === 'evaluated') onEvaluation?.();
        else if ('engine' in message) this.#options.onEngine(message.engine);
        else if ('progress' in message) onProgress(message.progress);
        else if ('warning' in message) onWarning?.(message.warning);
        else settle(failureOf(message.failure));
      };
      const onExit = (code: number | null, by: NodeJS.Signals | null): void => {
        const last = complaint.trim().split('\n').at(-1);
        const end = `its process ended ${by ? `by ${by}` : `with code ${code}`}${last ? `: ${last}` : ''}`;
        settle(new RunFailure({ lines: [end], exitCode: 1 }));
      };
      child.on('message', onMessage).on('exit', onExit);
      child.stderr?.on('data', onComplaint);
      say(child, { order });
      if (signal?.aborted) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** Ends the process. */
  close(): void {
    this.#child?.removeAllListeners();
    if (this.#child?.connected) this.#child.disconnect();
    this.#child = undefined;
  }

  #start(): ChildProcess {
    const { backend, threads } = this.#options;
    const isSource = import.meta.url.endsWith('.ts');
    const file = fileURLToPath(new URL(isSource ? './run-process.ts' : './run-process.js', import.meta.url));
    // Node's flags of this process are left out: some fit only its main program, e.g. --input-type.
    const execArgv = isSource ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];
    const child = fork(file, [backend], {
      execArgv,
      env: { LTML_THREADS: String(threads), ...process.env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    return child;
  }
}

/** A usage error of the process stays a usage error. */
function failureOf(description: ErrorDescription): Error {
  return description.exitCode === 2 ? new UsageError(...description.lines) : new RunFailure(description);
}

function say(child: ChildProcess, message: ToProcess): void {
  // A process that is gone reports it by its exit event.
  if (child.connected) child.send(message, () => {});
}
