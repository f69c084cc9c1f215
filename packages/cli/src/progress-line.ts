import { printable } from './terminal.ts';

/** How many a second are done from now on, as text. @param before those that were done already */
export function rateFrom(before = 0): (done: number) => string {
  const start = performance.now();
  return (done) => {
    const rate = ((done - before) / Math.max(performance.now() - start, 1)) * 1000;
    return rate.toFixed(rate < 10 ? 1 : 0);
  };
}

/** What {@link ProgressLine} needs of a stream; `process.stderr` is one. */
export interface LineStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * How far a long command is and how long it still takes: on a terminal one line that rewrites itself, elsewhere nothing
 * but the lines of {@link print}. Text may come from anywhere.
 */
export class ProgressLine {
  readonly #stream: LineStream;
  readonly #now: () => number;
  readonly #start: number;

  /** @param now the clock, in seconds */
  constructor(stream: LineStream = process.stderr, now: () => number = () => performance.now() / 1000) {
    this.#stream = stream;
    this.#now = now;
    this.#start = now();
  }

  /** @param done in [0, 1] */
  show(done: number, text: string): void {
    if (!this.#stream.isTTY) return;
    const line = `${(100 * done).toFixed(0).padStart(3)} %  ${printable(text)}  ${this.timeLeft(done)}`;
    this.#stream.write(`\r\u001b[2K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
  }

  /** A line that stays. */
  print(text: string): void {
    this.#stream.write(`${this.#stream.isTTY ? '\r\u001b[2K' : ''}${printable(text)}\n`);
  }

  /** Takes the rewritten line away. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\u001b[2K');
  }

  /** E.g. `1 min 20 s left`, as if the rest went like what is done; nothing in the first seconds. */
  timeLeft(done: number): string {
    const seconds = this.#now() - this.#start;
    if (seconds < 2 || done <= 0) return '';
    const left = Math.round((seconds / done) * (1 - done));
    return left < 60 ? `${left} s left` : `${Math.floor(left / 60)} min ${left % 60} s left`;
  }
}
