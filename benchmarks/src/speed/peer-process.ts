import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { DataError } from '@ltml/tensor';

type Answer = Readonly<Record<string, unknown>>;

/** A process that works on command: it reads one JSON line and answers with one. Its first line describes it. */
export class PeerProcess {
  readonly #child: ChildProcess;
  readonly #reader: Interface;
  readonly #lines: AsyncIterator<string>;
  /** Its first line, a description of itself. */
  readonly hello: Answer;

  private constructor(child: ChildProcess, reader: Interface, lines: AsyncIterator<string>, hello: Answer) {
    this.#child = child;
    this.#reader = reader;
    this.#lines = lines;
    this.hello = hello;
  }

  /**
   * Starts a program.
   *
   * @param variables further environment variables
   * @returns the process, or the reason as text if it does not start
   */
  static async start(
    command: string,
    args: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<PeerProcess | string> {
    // pnpm sets NODE_PATH to our packages. The peer must not find them.
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

  /** Sends a command and waits for the answer. @throws DataError with the message of the process */
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
   * Halts or continues the process. OpenMP's threads keep spinning for a while after their work, on processors that the
   * other side needs. So the process is halted between its turns. Windows cannot do that.
   */
  #halt(halted: boolean): void {
    if (process.platform !== 'win32') this.#child.kill(halted ? 'SIGSTOP' : 'SIGCONT');
  }
}

/** Resolves when the process ends or cannot start, with the last line of its error output. */
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
