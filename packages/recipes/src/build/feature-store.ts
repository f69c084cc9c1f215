import type { InputSource } from '@ltml/data';

/** Features of encoders that rest, which runs of one process share: what is the same is computed once. */
export class FeatureStore {
  readonly #made = new Map<string, InputSource>();

  /** @param key all that the features depend on */
  async get(key: string, compute: () => Promise<InputSource>): Promise<InputSource> {
    const features = this.#made.get(key) ?? (await compute());
    this.#made.set(key, features);
    return features;
  }
}
