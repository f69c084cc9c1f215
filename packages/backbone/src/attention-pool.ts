import {
  attention,
  checkOptionNames,
  checkShapes,
  Linear,
  Module,
  normal,
  Parameter,
  type RandomStream,
  ShapeError,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkHeads, checkSizeList, checkSizes } from './check-sizes.ts';
import { initial } from './initial.ts';

export interface AttentionPoolOptions {
  /** Rows and columns of the maps. */
  readonly grid: readonly [number, number];
  /** Channels of the maps. */
  readonly width: number;
  readonly heads: number;
  /** D */
  readonly embedding: number;
  /** Draws the weights; they are zero if left out. */
  readonly random: RandomStream | undefined;
}

/**
 * Pools a map by attention: its mean asks, the mean and all places answer.
 *
 * The reference computes the answers to all places too and keeps the first, which is this one.
 *
 * Source: Radford et al. 2021, section 2.4.
 */
export class AttentionPool extends Module {
  readonly grid: readonly [number, number];
  readonly positional_embedding: Parameter;
  readonly k_proj: Linear;
  readonly q_proj: Linear;
  readonly v_proj: Linear;
  readonly c_proj: Linear;
  readonly #heads: number;

  constructor(options: AttentionPoolOptions) {
    super();
    const where = 'AttentionPool';
    checkOptionNames(where, options, ['grid', 'width', 'heads', 'embedding', 'random']);
    const { grid, width, heads, embedding, random } = options;
    checkSizeList(where, 'grid', grid, 2);
    checkSizes(where, { width, embedding });
    checkHeads(where, width, heads);
    this.grid = grid;
    const start = initial(random, normal(0, width ** -0.5));
    const shape = [1 + grid[0] * grid[1], width];
    this.positional_embedding = new Parameter(start.initializer(shape, { fanIn: width, fanOut: width }, start.random));
    const projection = (outFeatures: number): Linear => new Linear({ inFeatures: width, outFeatures, ...start });
    this.k_proj = projection(width);
    this.q_proj = projection(width);
    this.v_proj = projection(width);
    this.c_proj = projection(embedding);
    this.#heads = heads;
  }

  /**
   * @param map [B, h, w, C]
   * @returns [B, D]
   * @throws ShapeError if the map has another size than there are positions for
   */
  forward(map: tf.Tensor): tf.Tensor2D {
    const { B, h, w, C } = checkShapes('AttentionPool.forward', { map: [map, 'B h w C'] });
    const [rows, columns] = this.grid;
    if (h !== rows || w !== columns) {
      throw new ShapeError({
        where: 'AttentionPool.forward',
        argument: 'map',
        expected: `[B, h, w, C] with ${rows} × ${columns} places`,
        received: `[${map.shape.join(', ')}]`,
        hint: 'Make the network with the imageSize of these images; its positions are then resized when weights are loaded.',
      });
    }
    const places = tf.reshape<tf.Rank.R3>(map, [B, h * w, C]);
    const mean = tf.mean(places, 1, true);
    const tokens = tf.add(tf.concat([mean, places], 1), this.positional_embedding.variable);
    const question = tf.slice(tokens, [0, 0, 0], [B, 1, C]);
    const answer = attention(this.q_proj.forward(question), this.k_proj.forward(tokens), this.v_proj.forward(tokens), {
      heads: this.#heads,
    });
    return this.c_proj.forward(tf.reshape(answer, [B, C])) as tf.Tensor2D;
  }
}
