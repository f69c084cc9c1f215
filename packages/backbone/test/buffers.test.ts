import { describe, expect, it } from 'vitest';
import {
  bottleneckResNet,
  ClipResNet,
  ClipTextTransformer,
  ClipVisionTransformer,
  resnetTiny,
  VisionTransformer,
} from '../src/index.ts';

const text = { vocabularySize: 9, contextLength: 5, width: 4, layers: 1, heads: 2, embedding: 3 };

describe('buffers of an encoder', () => {
  it.each([
    ['of basic blocks', () => resnetTiny()],
    ['of bottlenecks', () => bottleneckResNet({ stem: 2, planes: [2, 2], blocks: [1, 1], groups: 1, groupWidth: 64 })],
    ['of CLIP', () => new ClipResNet({ imageSize: 64, width: 4, blocks: [1, 1, 1, 1], embedding: 3 })],
  ])('in a ResNet %s are running statistics, the mean of all ranks', (_, create) => {
    const network = create();
    const buffers = [...network.namedBuffers()];
    expect(buffers.length).toBeGreaterThan(0);
    for (const [name, { acrossRanks }] of buffers) expect(`${name} ${acrossRanks}`).toMatch(/running_(mean|var) mean$/);
    network.dispose();
  });

  it('are none in a transformer', () => {
    const networks = [
      new VisionTransformer({ imageSize: 8, patchSize: 4, width: 4, depth: 1, heads: 2 }),
      new ClipVisionTransformer({ imageSize: 8, patchSize: 4, width: 4, layers: 1, heads: 2, embedding: 3 }),
      new ClipTextTransformer(text),
    ];
    for (const network of networks) {
      expect([...network.namedBuffers()]).toEqual([]);
      network.dispose();
    }
  });
});
