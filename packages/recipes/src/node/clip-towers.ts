import { RandomStreams } from '@ltml/tensor';
import type { Encoder } from '@ltml/tensor/contract';
import type { ClipConfig } from '../parts/clip.ts';
import { encoders } from '../parts/encoders.ts';
import { EntryError } from '../usage-error.ts';
import { loadNetwork } from './load-network.ts';
import { type LoadedTexts, loadTexts } from './load-texts.ts';

/** The towers of the CLIP that a recipe names. Each is loaded once, when it is first needed. */
export class ClipTowers {
  readonly #config: ClipConfig | undefined;
  readonly #seed: number;
  #teacher: Encoder | undefined;
  #texts: LoadedTexts | undefined;

  /** @param seed of random weights, used if the recipe's weights are `none` */
  constructor(config: ClipConfig | undefined, seed: number) {
    this.#config = config;
    this.#seed = seed;
  }

  /**
   * The image tower.
   *
   * @param size of its images; positional embeddings of a transformer are resized to it
   * @throws EntryError if the recipe names no CLIP, or its weights can't be loaded
   */
  async teacher(size: readonly [height: number, width: number]): Promise<Encoder> {
    this.#teacher ??= await this.#load(async ({ name, weights }) => {
      const random = new RandomStreams(this.#seed).stream('teacher');
      const config = { name, imageSize: size, ...(weights !== undefined && { weights }) };
      return (await encoders.create(config, { random, load: loadNetwork })).network.eval();
    });
    return this.#teacher;
  }

  /** The text tower and its tokenizer. @throws as {@link teacher} */
  async texts(): Promise<LoadedTexts> {
    this.#texts ??= await this.#load((config) => loadTexts(config, this.#seed));
    return this.#texts;
  }

  dispose(): void {
    this.#teacher?.dispose();
    this.#texts?.textTower.dispose();
  }

  async #load<Tower>(load: (config: ClipConfig) => Promise<Tower>): Promise<Tower> {
    if (!this.#config) {
      throw new EntryError('should name the CLIP that reads texts, e.g. { name: clip_vit_b16 }', 'method.clip');
    }
    try {
      return await load(this.#config);
    } catch (error) {
      throw new EntryError((error as Error).message, 'method.clip');
    }
  }
}
