import { printable } from './terminal.ts';

/** A function that gives the rate since now, per second, as text. @param before how many were done before */
export function rateFrom(before = 0): (done: number) => string {
  const start = performance.now();
  return (done) => {
    const rate = ((done - before) / Math.max(performance.now() - start, 1)) * 1000;
    return rate.toFixed(rate < 10 ? 1 : 0);
  };
}

/** The part of a stream that {@link ProgressLine} uses. `process.stderr` has it. */
export interface LineStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Shows the progress of a long command and the time left. On a terminal it rewrites one line; elsewhere it prints only
 * the lines of {@link print}. Text is escaped.
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

  /** Rewrites the line. @param done fraction in [0, 1] */
  show(done: number, text: string): void {
    if (!this.#stream.isTTY) return;
    const line = `${(100 * done).toFixed(0).padStart(3)} %  ${printable(text)}  ${this.timeLeft(done)}`;
    this.#stream.write(`\r\u001b[2K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
  }

  /** Prints a line that stays. */
  print(text: string): void {
    this.#stream.write(`${this.#stream.isTTY ? '\r\u001b[2K' : ''}${printable(text)}\n`);
  }

  /** Removes the rewritten line. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\u001b[2K');
  }

  /** E.g. `1 min 20 s left`, at the mean rate so far. Empty in the first two seconds. */
  timeLeft(done: number): string {
    const seconds = this.#now() - this.#start;
    if (seconds < 2 || done <= 0) return '';
    const left = Math.round((seconds / done) * (1 - done));
    return left < 60 ? `${left} s left` : `${Math.floor(left / 60)} min ${left % 60} s left`;
  }
}
