import { checkCount } from '@ltml/tensor';

/**
 * Tells whether a run leaks tensors.
 *
 * The count of live tensors may swing from step to step (batches fetched ahead, slots made at the first step), so the
 * smallest count of each window of steps is compared: a leak of one tensor a step raises it from window to window.
 */
export class LeakWatch {
  readonly #window: number;
  readonly #windowsToWarn: number;
  #steps = 0;
  #least = Number.POSITIVE_INFINITY;
  #previous = Number.POSITIVE_INFINITY;
  #rises = 0;

  /**
   * @param window steps over which the smallest count is taken
   * @param windowsToWarn windows in a row that must rise
   */
  constructor(window: number = 10, windowsToWarn: number = 3) {
    checkCount('LeakWatch', 'window', window);
    checkCount('LeakWatch', 'windowsToWarn', windowsToWarn);
    this.#window = window;
    this.#windowsToWarn = windowsToWarn;
  }

  /** Takes the count after a step; true once, when the rise is established. */
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
