import { Module, ModuleBuffer } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Columns } from './debias.ts';

/** Sums over images, of scores and of their products, as buffers. */
export class Sums extends Module {
  readonly count: ModuleBuffer;
  readonly sums: ModuleBuffer;
  readonly products: ModuleBuffer;

  constructor(sums: number[], products: number[]) {
    super();
    this.count = new ModuleBuffer(tf.zeros([1]), 'same');
    this.sums = new ModuleBuffer(tf.zeros(sums), 'same');
    this.products = new ModuleBuffer(tf.zeros(products), 'same');
  }

  reset(): void {
    for (const { variable } of [this.count, this.sums, this.products]) {
      tf.tidy(() => variable.assign(tf.zerosLike(variable)));
    }
  }

  add(images: number, sums: tf.Tensor, products: tf.Tensor): void {
    this.count.variable.assign(tf.add(this.count.variable, images));
    this.sums.variable.assign(tf.add(this.sums.variable, sums));
    this.products.variable.assign(tf.add(this.products.variable, products));
  }

  async read(): Promise<{ count: number; sums: ArrayLike<number>; products: ArrayLike<number> }> {
    const [[count], sums, products] = await Promise.all(
      [this.count, this.sums, this.products].map(({ variable }) => variable.data<'float32'>()),
    );
    return { count, sums, products };
  }

  /** Mean and standard deviation of each score; 0 and 1 with fewer than two images. */
  columns(): Columns {
    const [count, sums, squares] = [this.count, this.sums, this.products].map(({ variable }) => variable);
    const mean = tf.div(sums, tf.maximum(count, 1));
    const variance = tf.div(tf.sub(squares, tf.mul(sums, mean)), tf.maximum(tf.sub(count, 1), 1));
    const deviation = tf.where(tf.less(count, 2), tf.onesLike(mean), tf.sqrt(tf.maximum(variance, 0)));
    return { mean: tf.expandDims(mean, 0), deviation: tf.expandDims(deviation, 0) };
  }
}
