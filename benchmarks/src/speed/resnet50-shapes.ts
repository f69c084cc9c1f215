import type { NamedParameter } from '@ltml/tensor/contract';

/**
 * Shapes of the 161 parameter tensors of ResNet-50 with 1000 classes, under PyTorch's names and in its axis order.
 * Source: He et al. 2016, table 1.
 */
export function resnet50Shapes(): ReadonlyMap<NamedParameter[0], readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const convolution = (name: string, out: number, into: number, size: number): void => {
    shapes.set(`${name}.weight`, [out, into, size, size]);
  };
  const norm = (name: string, channels: number): void => {
    shapes.set(`${name}.weight`, [channels]);
    shapes.set(`${name}.bias`, [channels]);
  };
  convolution('conv1', 64, 3, 7);
  norm('bn1', 64);
  let into = 64;
  for (const [stage, blocks] of [3, 4, 6, 3].entries()) {
    const width = 64 * 2 ** stage;
    for (let block = 0; block < blocks; block++) {
      const name = `layer${stage + 1}.${block}`;
      convolution(`${name}.conv1`, width, into, 1);
      norm(`${name}.bn1`, width);
      convolution(`${name}.conv2`, width, width, 3);
      norm(`${name}.bn2`, width);
      convolution(`${name}.conv3`, 4 * width, width, 1);
      norm(`${name}.bn3`, 4 * width);
      if (block === 0) {
        convolution(`${name}.downsample.0`, 4 * width, into, 1);
        norm(`${name}.downsample.1`, 4 * width);
      }
      into = 4 * width;
    }
  }
  shapes.set('fc.weight', [1000, into]);
  shapes.set('fc.bias', [1000]);
  return shapes;
}
