import type { InputSource } from '@ltml/data';
import { type ComputedViews, inputsOfViews } from '@ltml/train';

/** Where features are kept that other processes take, too. */
export interface FeatureShelf {
  /** Nothing if they are not there. */
  read(key: string): Promise<ComputedViews | undefined>;
  write(key: string, features: ComputedViews): Promise<void>;
}

/** Features of encoders that rest, which runs share: what is the same is computed once. */
export class FeatureStore {
  readonly #made = new Map<string, InputSource>();
  readonly #shelf: FeatureShelf | undefined;

  /** @param shelf left out, the runs of one process share */
  constructor(shelf?: FeatureShelf | undefined) {
    this.#shelf = shelf;
  }

  /** @param key all that the features depend on */
  async get(key: string, compute: () => Promise<ComputedViews>): Promise<InputSource> {
    const features = this.#made.get(key) ?? inputsOfViews(await this.#take(key, compute));
    this.#made.set(key, features);
    return features;
  }

  async #take(key: string, compute: () => Promise<ComputedViews>): Promise<ComputedViews> {
    const found = await this.#shelf?.read(key);
    if (found) return found;
    const computed = await compute();
    await this.#shelf?.write(key, computed);
    return computed;
  }
}
