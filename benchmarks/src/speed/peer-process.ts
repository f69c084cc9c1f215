import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { DataError } from '@ltml/tensor';

type Answer = Readonly<Record<string, unknown>>;

/** A process that does work on command: one JSON line in, one out. It first says who it is. */
export class PeerProcess {
  readonly #child: ChildProcess;
  readonly #reader: Interface;
  readonly #lines: AsyncIterator<string>;
  /** What it said of itself. */
  readonly hello: Answer;

  private constructor(child: ChildProcess, reader: Interface, lines: AsyncIterator<string>, hello: Answer) {
    this.#child = child;
    this.#reader = reader;
    this.#lines = lines;
    this.hello = hello;
  }

  /**
   * Starts a program; gives the reason as text if it does not start.
   *
   * @param variables of its environment besides those of ours
   */
  static async start(
    command: string,
    args: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<PeerProcess | string> {
    // Packages of ours, which pnpm's commands put there, are not the peer's.
    const env = { ...process.env, ...variables, NODE_PATH: '' };
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
    const failure = describeFailure(child);
    const reader = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    const hello = await Promise.race([lines.next(), failure]);
    if (typeof hello === 'string') return hello;
    if (hello.done) return failure;
    return new PeerProcess(child, reader, lines, JSON.parse(hello.value) as Answer);
  }

  /** @throws DataError with the process's own message */
  async ask(command: object): Promise<Answer> {
    this.#halt(false);
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    const line = await this.#lines.next();
    this.#halt(true);
    const answer = line.done ? { error: 'the process ended' } : (JSON.parse(line.value) as Answer);
    if (typeof answer.error === 'string') {
      const where = 'PeerProcess.ask';
      throw new DataError({ where, argument: 'the row', expected: 'code that runs', received: answer.error });
    }
    return answer;
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
