import type { InputSource } from '@ltml/data';
import { type ComputedViews, inputsOfViews } from '@ltml/train';

/** A place for features that several processes share. */
export interface FeatureShelf {
  /** Undefined if there are no features for the key. */
  read(key: string): Promise<ComputedViews | undefined>;
  write(key: string, features: ComputedViews): Promise<void>;
}

/** Features of frozen encoders. Runs share them: equal features are computed once. */
export class FeatureStore {
  readonly #made = new Map<string, InputSource>();
  readonly #shelf: FeatureShelf | undefined;

  /** @param shelf shared with other processes; left out: only runs of this process share */
  constructor(shelf?: FeatureShelf | undefined) {
    this.#shelf = shelf;
  }

  /** @param key everything that the features depend on */
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
