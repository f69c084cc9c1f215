import { checkCount } from '@ltml/tensor';

/**
 * Detects tensor leaks in a run.
 *
 * The number of live tensors may vary from step to step (batches read ahead, optimiser state made in the first step).
 * So the minimum over each window of steps is compared: a leak of one tensor per step raises it from window to window.
 */
export class LeakWatch {
  readonly #window: number;
  readonly #windowsToWarn: number;
  #steps = 0;
  #least = Number.POSITIVE_INFINITY;
  #previous = Number.POSITIVE_INFINITY;
  #rises = 0;

  /**
   * @param window number of steps per window
   * @param windowsToWarn number of consecutive windows that must rise
   */
  constructor(window: number = 10, windowsToWarn: number = 3) {
    checkCount('LeakWatch', 'window', window);
    checkCount('LeakWatch', 'windowsToWarn', windowsToWarn);
    this.#window = window;
    this.#windowsToWarn = windowsToWarn;
  }

  /** Records the number of live tensors after a step. @returns true once, when the leak is certain */
  record(tensors: number): boolean {
    this.#least = Math.min(this.#least, tensors);
    if (++this.#steps < this.#window) return false;
    this.#rises = this.#least > this.#previous ? this.#rises + 1 : 0;
    this.#previous = this.#least;
    this.#least = Number.POSITIVE_INFINITY;
    this.#steps = 0;
    return this.#rises === this.#windowsToWarn;
  }
}
