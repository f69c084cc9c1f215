import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { DataError, NotSupportedError } from '@ltml/tensor';

/** Runs rows written in Python on command, one JSON line in, one out. */
const program = `
import json, sys, time
import torch
print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
run = None
for line in sys.stdin:
    command = json.loads(line)
    try:
        if "prepare" in command:
            scope = {"torch": torch}
            exec(command["prepare"], scope)
            run = scope["run"]
            answer = {"ready": True}
        elif "compile" in command:
            try:
                compiled = torch.compile(run)
                compiled()
                run = compiled
                answer = {"compiled": True}
            except Exception:
                answer = {"compiled": False}
        else:
            start = time.perf_counter()
            for _ in range(command["calls"]):
                run()
            answer = {"ms": (time.perf_counter() - start) * 1000 / command["calls"]}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
`;

/** PyTorch in a process of its own, which stays for all rows. */
export class TorchPeer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  /** PyTorch's version. */
  readonly version: string;
  /** Threads that PyTorch uses. */
  readonly threads: number;

  private constructor(child: ChildProcess, reader: Interface, lines: AsyncIterator<string>, hello: Hello) {
    this.#child = child;
    this.#reader = reader;
    this.#lines = lines;
    this.version = hello.torch;
    this.threads = hello.threads;
  }

  /**
   * Starts a Python that can import torch: the one named, or the first of `python3` and `python` that can.
   *
   * @throws NotSupportedError if there is none
   */
  static async start(python?: string): Promise<TorchPeer> {
    const candidates = python ? [python] : ['python3', 'python'];
    const reasons: string[] = [];
    for (const candidate of candidates) {
      const child = spawn(candidate, ['-c', program], { stdio: ['pipe', 'pipe', 'pipe'] });
      const failure = describeFailure(child);
      const reader = createInterface({ input: child.stdout });
      const lines = reader[Symbol.asyncIterator]();
      const hello = await Promise.race([lines.next(), failure]);
      if (typeof hello !== 'string' && !hello.done) {
        return new TorchPeer(child, reader, lines, JSON.parse(hello.value) as Hello);
      }
      reasons.push(`${candidate}: ${typeof hello === 'string' ? hello : await failure}`);
    }
    throw new NotSupportedError({
      where: 'TorchPeer.start',
      argument: 'python',
      expected: 'a Python with PyTorch',
      received: reasons.join('; '),
      hint: 'Name one with --python, or leave --peer out.',
    });
  }

  /** Makes the inputs of a row. @throws DataError with Python's own message */
  async prepare(source: string): Promise<void> {
    await this.#ask({ prepare: source });
  }

  /** Puts the row under `torch.compile`; false where that does not run, for want of a C++ compiler or of Python's headers. */
  async compile(): Promise<boolean> {
    return (await this.#ask({ compile: true })).compiled as boolean;
  }

  /** Milliseconds a call, over so many calls in a row. */
  async time(calls: number): Promise<number> {
    return (await this.#ask({ calls })).ms as number;
  }

  stop(): void {
    this.#reader.close();
    this.#child.kill('SIGKILL');
  }

  /**
   * OpenMP's threads spin for a while when their work is done, on the processors that the other side needs in its turn.
   * So the process is halted between its turns, where the system can.
   */
  #halt(halted: boolean): void {
    if (process.platform !== 'win32') this.#child.kill(halted ? 'SIGSTOP' : 'SIGCONT');
  }

  async #ask(command: object): Promise<Record<string, unknown>> {
    this.#halt(false);
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    const line = await this.#lines.next();
    this.#halt(true);
    const answer = line.done ? { error: 'the process ended' } : (JSON.parse(line.value) as Record<string, unknown>);
    if (typeof answer.error === 'string') {
      throw new DataError({
        where: 'TorchPeer',
        argument: 'the torch source of the row',
        expected: 'code that runs',
        received: answer.error,
      });
    }
    return answer;
  }
}

interface Hello {
  readonly torch: string;
  readonly threads: number;
}

/** Settles when the process could not start or ended: with the last line it complained with. */
function describeFailure(child: ChildProcess): Promise<string> {
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(complaint.trim().split('\n').at(-1) || `ended with ${code}`));
  });
}
