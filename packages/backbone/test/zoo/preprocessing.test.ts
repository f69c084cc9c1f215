import { expect, test } from 'vitest';
import { encoderByName, preprocessingOf, preprocessingSteps, zoo } from '../../src/index.ts';

const stepsOf = (name: string, size?: number | [number, number]) => {
  const { encoder, weights } = encoderByName(name);
  return preprocessingSteps(weights?.preprocessing ?? encoder.preprocessing, size ?? encoder.imageSize);
};

test.each([
  ['resnet50.tv_in1k', 256, 'bilinear'],
  ['resnet50.tv2_in1k', 232, 'bilinear'],
  ['resnet50.a1_in1k', 235, 'bicubic'],
  ['vit_base_patch16_224.augreg_in21k_ft_in1k', 248, 'bicubic'],
  ['ViT-B/16', 224, 'bicubic'],
])('%s: shorter side to %d, %s, and the middle', (name, shorterSide, filter) => {
  expect(stepsOf(name).slice(0, 2)).toEqual([
    { name: 'resize', shorterSide, filter },
    { name: 'centerCrop', size: 224 },
  ]);
});

test('levels of Google’s vision transformers become −1 … 1, those of DeiT ImageNet’s', () => {
  expect(stepsOf('vit_base_patch16_224').at(-1)).toMatchObject({ mean: [127.5, 127.5, 127.5] });
  expect(stepsOf('deit_base_patch16_224.fb_in1k').at(-1)).toMatchObject({ mean: [123.675, 116.28, 103.53] });
});

test('a size that is no square is resized to, both sides', () => {
  expect(stepsOf('resnet50', [288, 160])[0]).toEqual({ name: 'resize', height: 288, width: 160, filter: 'bilinear' });
});

test('every encoder has a pipeline that ends at its own image size', () => {
  for (const { preprocessing, imageSize } of zoo) {
    expect(preprocessingSteps(preprocessing, imageSize).at(-1)?.name).toBe('normalize');
  }
});

test('configurations of timm and open_clip tell it, and other JSON nothing', () => {
  const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
  const levels = { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };
  expect(preprocessingOf({ pretrained_cfg: { ...half, interpolation: 'bilinear', crop_pct: 0.875 } })).toEqual({
    filter: 'bilinear',
    cropShare: 0.875,
    statistics: levels,
  });
  expect(preprocessingOf({ preprocess_cfg: half })).toEqual({ filter: 'bicubic', cropShare: 1, statistics: levels });
  const others = [undefined, null, 5, [], {}, { pretrained_cfg: 'none' }, { preprocess_cfg: { ...half, std: [1, 2] } }];
  for (const config of others) expect(preprocessingOf(config)).toBeUndefined();
});
