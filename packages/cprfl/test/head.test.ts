import { CprflHead } from '@ltml/cprfl';
import { differentiate, Parameter, RandomStreams, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { headOracle, type Matrix } from './oracle.ts';
import { randomTensor, type Sizes, sizes, smallConfig, smallHead, weightsOf } from './support.ts';

const forms: readonly [name: string, changes: Record<string, unknown>, sizes: Sizes][] = [
  ['as released', {}, sizes],
  ['a linear PI network', { pi: { linear: true } }, sizes],
  ["the paper's equations", { vsi: { norm: 'none', outputProjection: 'none', scale: 'width' } }, sizes],
  ['residual connections', { vsi: { residual: true } }, sizes],
  ['a neck', { vsi: { outputProjection: 'neck' } }, sizes],
  ['one head as wide as the tokens', { vsi: { heads: 1, headWidth: 6 } }, sizes],
  ['three layers', { vsi: { depth: 3 } }, sizes],
  ['two layers with residuals', { vsi: { depth: 2, residual: true } }, { ...sizes, B: 1 }],
  ['one class', {}, { ...sizes, C: 1 }],
  ['one image of one token', {}, { ...sizes, B: 1, L: 1 }],
  ['one class, image and token', {}, { ...sizes, B: 1, L: 1, C: 1 }],
];

describe.each(forms)('CprflHead, %s', (_, changes, shape) => {
  const config = smallConfig(changes);

  it('equals the equations in plain loops', () => {
    const head = smallHead(config, shape);
    const features = randomTensor([shape.B, shape.L, shape.I], 3);
    const { logits, attention } = head.forward(features);
    const expected = headOracle(weightsOf(head), ...hostInputs(features, shape), config);
    expect(logits.shape).toEqual([shape.B, shape.C]);
    expect(attention.shape).toEqual([shape.B, config.vsi.heads, shape.C, shape.L + shape.C]);
    expectClose(logits.dataSync(), expected.logits.flat(), { absolute: 1e-5 });
    expectClose(attention.dataSync(), expected.attention.flat(3), { absolute: 1e-6 });
    head.dispose();
  });

  it('has the gradients of the equations', () => {
    const head = smallHead(config, shape);
    const features = new Parameter(randomTensor([shape.B, shape.L, shape.I], 3));
    const dy = randomTensor([shape.B, shape.C], 4);
    const weights = weightsOf(head);
    const [maps, embeddings] = hostInputs(features.variable, shape);
    const along = dy.dataSync();
    const total = () =>
      headOracle(weights, maps, embeddings, config)
        .logits.flat()
        .reduce((sum, logit, i) => sum + logit * along[i], 0);
    const parameters = new Map(head.namedParameters());
    const { gradients } = differentiate(
      () => ({ loss: tf.sum(tf.mul(head.forward(features.variable).logits, dy)) as tf.Scalar, terms: {} }),
      [features, ...parameters.values()],
    );
    for (const [name, { data }] of weights) {
      const gradient = gradients.get(parameters.get(name) as Parameter)?.dataSync();
      expectClose(gradient ?? [], differences(data, total), { relative: 2e-3, absolute: 2e-4 });
    }
    const rows = maps.flat();
    const expected = rows.flatMap((row) => [...differences(row, total)]);
    expectClose(gradients.get(features)?.dataSync() ?? [], expected, { relative: 2e-3, absolute: 2e-4 });
    head.dispose();
    features.dispose();
  });
});

describe('CprflHead', () => {
  it('takes a map row by row, whatever its size', () => {
    const head = smallHead(smallConfig());
    const tokens = randomTensor([2, 6, 5], 3);
    const [flat, map] = [tokens, tf.reshape(tokens, [2, 2, 3, 5])].map((x) => head.forward(x).logits.dataSync());
    expect(map).toEqual(flat);
    expect(head.forward(randomTensor([3, 1, 4, 5], 3)).logits.shape).toEqual([3, 4]);
    head.dispose();
  });

  it('has no order among places, nor among images', () => {
    const head = smallHead(smallConfig());
    const tokens = randomTensor<tf.Tensor3D>([2, 6, 5], 3);
    const logits = head.forward(tokens).logits.dataSync();
    expectClose(head.forward(tf.reverse(tokens, 1)).logits.dataSync(), logits, { absolute: 1e-5 });
    expectClose(tf.reverse(head.forward(tf.reverse(tokens, 0)).logits, 0).dataSync(), logits, { absolute: 1e-5 });
    head.dispose();
  });

  it('gives permuted logits for permuted class embeddings', () => {
    const config = smallConfig();
    const embeddings = randomTensor<tf.Tensor2D>([4, 7], 1);
    const [head, other] = [embeddings, tf.reverse(embeddings, 0)].map((classEmbeddings) => {
      return new CprflHead({ ...config, features: 5, classEmbeddings, random: new RandomStreams(5) });
    });
    const tokens = randomTensor([2, 6, 5], 3);
    const reversed = tf.reverse(other.forward(tokens).logits, 1);
    expectClose(reversed.dataSync(), head.forward(tokens).logits.dataSync(), { absolute: 1e-5 });
    head.dispose();
    other.dispose();
  });

  it('stays finite, its gradients too, where prompts and attention are extreme', () => {
    const config = smallConfig();
    const head = smallHead(config);
    for (const [, { variable }] of head.namedParameters()) variable.assign(tf.mul(variable, 30));
    const parameters = [...head.namedParameters()].map(([, parameter]) => parameter);
    const { loss, gradients } = differentiate(
      () => ({ loss: tf.sum(head.forward(randomTensor([2, 6, 5], 3)).logits) as tf.Scalar, terms: {} }),
      parameters,
    );
    expect(Number.isFinite(loss.dataSync()[0])).toBe(true);
    for (const gradient of gradients.values()) expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
    head.dispose();
  });

  it('closes one path of the gradient or the other, and both together are the whole', () => {
    const tokens = randomTensor([2, 6, 5], 3);
    const byParameter = (changes: Record<string, unknown>) => {
      const head = smallHead(smallConfig(changes));
      const named = [...head.namedParameters()];
      const { gradients } = differentiate(
        () => ({ loss: tf.sum(tf.sin(head.forward(tokens).logits)) as tf.Scalar, terms: {} }),
        named.map(([, parameter]) => parameter),
      );
      const values = new Map(named.map(([name, parameter]) => [name, gradients.get(parameter)?.dataSync()]));
      head.dispose();
      return values;
    };
    const whole = byParameter({});
    const asQuery = byParameter({ stopClassifierGradient: true });
    const asClassifier = byParameter({ stopFeatureGradient: true });
    for (const [name, gradient] of whole) {
      if (!name.startsWith('pi.')) {
        expect(asClassifier.get(name)).toBeUndefined();
        expectClose(asQuery.get(name) ?? [], gradient ?? []);
        continue;
      }
      const other = asClassifier.get(name) ?? [];
      const sum = Array.from(asQuery.get(name) ?? [], (value, i) => value + other[i]);
      expectClose(sum, gradient ?? [], { absolute: 1e-5 });
    }
  });

  it('drops out in training alone, at three places', () => {
    const head = smallHead(smallConfig({ vsi: { dropout: 0.5 } }));
    const tokens = randomTensor([2, 6, 5], 3);
    const [first, second] = [head.forward(tokens), head.forward(tokens)].map(({ logits }) => logits.dataSync());
    expect(first).not.toEqual(second);
    head.eval();
    const [third, fourth] = [head.forward(tokens), head.forward(tokens)].map(({ logits }) => logits.dataSync());
    expect(third).toEqual(fourth);
    head.dispose();
  });

  it('is of the published size unless it is told otherwise', () => {
    const classEmbeddings = tf.ones<tf.Rank.R2>([2, 3]);
    const random = new RandomStreams(1);
    const small = { width: 8, vsi: { heads: 2, headWidth: 3 } };
    const head = new CprflHead({ features: 5, classEmbeddings, random, ...small });
    const shapes = Object.fromEntries([...head.namedParameters()].map(([name, { shape }]) => [name, shape]));
    expect(shapes).toMatchObject({
      'phi.weight': [5, 8],
      'pi.hidden.weight': [3, 4],
      'vsi.layers.0.to_qkv.weight': [8, 18],
      'vsi.layers.0.to_out.weight': [6, 8],
      'vsi.layers.0.ff1.weight': [8, 2048],
    });
    head.dispose();
    const make = (options: object) => () => new CprflHead({ features: 5, classEmbeddings, random, ...options });
    expect(make({ width: -8 })).toThrow(/CprflHead: options\.width should be .*, got -8\. Too small/);
    expect(make({ widht: 8 })).toThrow(/widht/);
    expect(make({ vsi: { heads: 0 } })).toThrow(/options\.vsi\.heads/);
    expect(make({ vsi: null })).toThrow(/PooledHead/);
  });

  it('refuses pooled features and other channels', () => {
    const head = smallHead(smallConfig());
    expect(() => head.forward(tf.ones([2, 5]))).toThrow(/\[B, H, W, 5\] or \[B, L, 5\], got \[2, 5\].*before pooling/);
    expect(() => head.forward(tf.ones([2, 3, 3, 6]))).toThrow(expect.toSatisfy(ShapeError.is));
    head.dispose();
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    const head = smallHead(smallConfig({ vsi: { depth: 2 } }));
    const parameters = [...head.namedParameters()].map(([, parameter]) => parameter);
    tf.tidy(() => {
      differentiate(
        () => ({ loss: tf.sum(head.forward(randomTensor([2, 6, 5], 3)).logits) as tf.Scalar, terms: {} }),
        parameters,
      );
    });
    head.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

function hostInputs(features: tf.Tensor, { C, M }: Sizes): [maps: Matrix[], classEmbeddings: Matrix] {
  return [features.arraySync() as number[][][], randomTensor([C, M], 1).arraySync() as number[][]];
}

/** Central differences by each entry of an array that a number is computed from. */
function differences(values: Float64Array | number[], total: () => number): number[] {
  return Array.from(values, (value, i) => {
    values[i] = value + 1e-5;
    const above = total();
    values[i] = value - 1e-5;
    const below = total();
    values[i] = value;
    return (above - below) / 2e-5;
  });
}
