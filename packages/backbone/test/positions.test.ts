import { DataError, exportState, type HostTensor, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bicubic,
  ClipVisionTransformer,
  interpolatePositions,
  loadClipImage,
  loadVisionTransformer,
  loadWeights,
  tensorSource,
  VisionTransformer,
} from '../src/index.ts';
import { randomHost } from './support.ts';

const width = 8;
const patchSize = 4;
type Grid = [number, number];

function vit([rows, columns]: Grid, classPosition: boolean = true): VisionTransformer {
  const imageSize: Grid = [rows * patchSize, columns * patchSize];
  const config = { imageSize, patchSize, width, depth: 1, heads: 2, classPosition };
  return new VisionTransformer(config, new RandomStream(1));
}

/** The weights of a network, all 0.5, with another table of positions. */
async function checkpoint(network: VisionTransformer, rows: number): Promise<Map<string, HostTensor>> {
  const state = [...(await exportState(network))].map(([name, tensor]): [string, HostTensor] => [
    name,
    { ...tensor, data: (tensor.data as Float32Array).map(() => 0.5) },
  ]);
  return new Map([...state, ['pos_embed', randomHost([1, rows, width], rows)]]);
}

test.each([
  ['2 × 2 without a class row', [2, 2], 4],
  ['3 × 5 and a class row, which is no 4 × 4', [2, 2], 16],
  ['2 × 3 and a class row', [2, 2], 7],
  ['3 × 5 without a class row', [3, 5], 15],
] as const)('a table of %s is refused before anything is written', async (_, grid, rows) => {
  const network = vit([...grid] as Grid);
  const before = await exportState(network);
  const source = tensorSource(await checkpoint(network, rows));
  const refused = await loadWeights(network, source, { resizePositions: bicubic }).catch((error: unknown) => error);
  expect(refused).toSatisfy(DataError.is);
  expect(String(refused)).toContain('positionGrid');
  expect(await exportState(network)).toEqual(before);
  network.dispose();
});

const grids = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }));

test('any grid is resized to any other, with and without a class row, and one that fits stays as it is', async () => {
  await fc.assert(
    fc.asyncProperty(grids, grids, fc.boolean(), async (from, to, classPosition) => {
      const network = vit(to, classPosition);
      const rows = from[0] * from[1] + (classPosition ? 1 : 0);
      const tensors = await checkpoint(network, rows);
      const table = tensors.get('pos_embed') as HostTensor;
      const expected = interpolatePositions(table, to, bicubic, from).data;
      const options = { resizePositions: bicubic, positionGrid: from };
      await loadWeights(network, tensorSource(tensors), options);
      expect((await exportState(network)).get('pos_embed')?.data).toEqual(expected);
      const imageSize: Grid = [to[0] * patchSize, to[1] * patchSize];
      const loaded = await loadVisionTransformer(tensorSource(tensors), { imageSize, positionGrid: from, heads: 2 });
      expect((await exportState(loaded)).get('pos_embed')?.data).toEqual(expected);
      for (const each of [network, loaded]) each.dispose();
    }),
    { numRuns: 25, seed: 1 },
  );
});

test('a network for images of 288 × 160 loads its own weights without being told the grid', async () => {
  const config = { imageSize: [288, 160] as const, patchSize: 32, width, depth: 1, heads: 2 };
  for (const classPosition of [true, false]) {
    const network = new VisionTransformer({ ...config, classPosition }, new RandomStream(2));
    const source = tensorSource(await exportState(network));
    const loaded = await loadVisionTransformer(source, { imageSize: [288, 160], heads: 2 });
    expect(loaded.grid).toEqual([9, 5]);
    expect(await exportState(loaded)).toEqual(await exportState(network));
    await expect(loadVisionTransformer(source, { heads: 2 })).rejects.toThrow(/positionGrid/);
    const told = tensorSource(await exportState(network), { image_size: [288, 160] });
    const byConfiguration = await loadVisionTransformer(told, { heads: 2 });
    expect(byConfiguration.grid).toEqual([9, 5]);
    for (const each of [network, loaded, byConfiguration]) each.dispose();
  }
});

test('the class token without a position is the one of timm, and its patches have theirs', async () => {
  const network = vit([2, 3], false);
  expect(network.pos_embed.shape).toEqual([1, 6, width]);
  const images = tf.randomNormal([2, 8, 12, 3], 0, 1, 'float32', 1) as tf.Tensor4D;
  const { patches, embedded } = network.forwardStages(images);
  const expected = tf.concat(
    [tf.tile(network.cls_token?.variable as tf.Tensor3D, [2, 1, 1]), tf.add(patches, network.pos_embed.variable)],
    1,
  );
  expect(tf.max(tf.abs(tf.sub(embedded, expected))).dataSync()[0]).toBeLessThan(1e-6);
  network.dispose();
});

test("CLIP's tables of grids that are no square load and are resized too", async () => {
  const config = { patchSize, width: 64, layers: 1, embedding: 5, heads: 1 };
  const network = new ClipVisionTransformer({ ...config, imageSize: [8, 12] }, new RandomStream(1));
  const state = new Map([...(await exportState(network))].map(([name, tensor]) => [`visual.${name}`, tensor]));
  const same = await loadClipImage(tensorSource(state), { imageSize: [8, 12], heads: 1 });
  expect(await exportState(same)).toEqual(await exportState(network));
  const larger = { imageSize: [12, 20], heads: 1 } as const;
  await expect(loadClipImage(tensorSource(state), larger)).rejects.toThrow(/positionGrid/);
  const resized = await loadClipImage(tensorSource(state), { ...larger, positionGrid: [2, 3] });
  const table = state.get('visual.positional_embedding') as HostTensor;
  const expected = interpolatePositions(table, [3, 5], bicubic, [2, 3]).data;
  expect((await exportState(resized)).get('positional_embedding')?.data).toEqual(expected);
  for (const each of [network, same, resized]) each.dispose();
});

test('numbers of another kind are refused before anything is written', async () => {
  const network = vit([2, 2]);
  const before = await exportState(network);
  const tensors = await checkpoint(network, 5);
  tensors.set('norm.bias', { dtype: 'I32', shape: [width], data: new Int32Array(width) });
  await expect(loadWeights(network, tensorSource(tensors))).rejects.toThrow(/norm\.bias holds I32, not float32/);
  expect(await exportState(network)).toEqual(before);
  network.dispose();
});
