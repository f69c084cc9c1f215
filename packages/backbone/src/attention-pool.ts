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

/** Options of {@link AttentionPool}. */
export interface AttentionPoolOptions {
  /** Rows and columns of the feature maps. */
  readonly grid: readonly [number, number];
  /** C, channels of the feature maps. */
  readonly width: number;
  /** Number of heads, a divisor of C. */
  readonly heads: number;
  /** D, features of the result. */
  readonly embedding: number;
  /** The stream for the initial weights; undefined starts them at zero. */
  readonly random: RandomStream | undefined;
}

/**
 * Pools a feature map by attention. The query is the mean of the map; keys and values are the mean and all places.
 *
 * The reference also computes queries for all places and keeps only the first result, which is this one.
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
   * @throws ShapeError if the number of positions does not fit the map
   */
  forward(map: tf.Tensor): tf.Tensor2D {
    const tokens = this.#tokens('AttentionPool.forward', map);
    const [B, , C] = tokens.shape;
    const question = tf.slice(tokens, [0, 0, 0], [B, 1, C]);
    const answer = attention(this.q_proj.forward(question), this.k_proj.forward(tokens), this.v_proj.forward(tokens), {
      heads: this.#heads,
    });
    return this.c_proj.forward(tf.reshape(answer, [B, C])) as tf.Tensor2D;
  }

  /**
   * Projects the mean and each place separately into the space of the pooled map: the pooling without its attention.
   *
   * @param map [B, h, w, C]
   * @returns [B, 1 + h · w, D], the mean first, then the places row by row
   * @throws ShapeError as {@link forward}
   * Source: Zhou et al. (MaskCLIP), ECCV 2022; Sun et al. (DualCoOp), NeurIPS 2022.
   */
  projectPlaces(map: tf.Tensor): tf.Tensor3D {
    const tokens = this.#tokens('AttentionPool.projectPlaces', map);
    return this.c_proj.forward(this.v_proj.forward(tokens)) as tf.Tensor3D;
  }

  /** The mean and the places, with positions added, [B, 1 + h · w, C]. */
  #tokens(where: string, map: tf.Tensor): tf.Tensor3D {
    const { B, h, w, C } = checkShapes(where, { map: [map, 'B h w C'] });
    const [rows, columns] = this.grid;
    if (h !== rows || w !== columns) {
      throw new ShapeError({
        where,
        argument: 'map',
        expected: `[B, h, w, C] with ${rows} × ${columns} places`,
        received: `[${map.shape.join(', ')}]`,
        hint: 'Build the network with the imageSize of these images; loading weights then resizes its positions.',
      });
    }
    const places = tf.reshape<tf.Rank.R3>(map, [B, h * w, C]);
    const mean = tf.mean(places, 1, true);
    return tf.add(tf.concat([mean, places], 1), this.positional_embedding.variable);
  }
}
