import { expect, test } from 'vitest';
import { encoderByName, zoo } from '../../src/index.ts';
import { weightLayouts } from '../../src/weights/layouts.ts';

const nameOf = (name: string): string => encoderByName(name).encoder.name;

test.each([
  ['resnet50', 'resnet50'],
  ['microsoft/resnet-50', 'resnet50'],
  ['timm/resnet50.a1_in1k', 'resnet50'],
  ['resnext50', 'resnext50_32x4d'],
  ['vit_b_16', 'vit_base_patch16_224'],
  ['facebook/deit-base-patch16-224', 'vit_base_patch16_224'],
  ['openai/clip-vit-base-patch16', 'clip_vit_b16'],
  // OpenAI's name, whose GELU is the quick one, and open_clip's, whose is the exact one.
  ['ViT-B/16', 'clip_vit_b16'],
  ['ViT-B-16', 'openclip_vit_b16'],
  ['resnet-tiny', 'resnet-tiny'],
])('%s is %s', (alias, name) => expect(nameOf(alias)).toBe(name));

test('a name tells the weights, or else they are the first that are known', () => {
  expect(encoderByName('resnet50.a1_in1k').weights?.hub).toBe('timm/resnet50.a1_in1k');
  expect(encoderByName('facebook/vit-mae-base').weights?.hub).toBe('timm/vit_base_patch16_224.mae');
  expect(encoderByName('resnet50').weights?.hub).toBe('timm/resnet50.tv_in1k');
  expect(encoderByName('resnet-tiny').weights).toBeUndefined();
});

test('a slip is answered with the nearest name, and what is nothing alike with all of them', () => {
  expect(() => encoderByName('resnet5O')).toThrow(
    /name should be an encoder of the zoo, got "resnet5O"\. Did you mean resnet50\?/,
  );
  expect(() => encoderByName('RN50x')).toThrow(/Did you mean RN50\?/);
  expect(() => encoderByName('convnext_tiny')).toThrow(/one of resnet-tiny, /);
  expect(() => encoderByName('zzzzzzzzzzzzzzzz')).toThrow(/got "z*"$/);
});

test('every name and alias is that of one encoder, and every model of the hub known once', () => {
  const names = zoo
    .flatMap((encoder) => [encoder.name, ...encoder.aliases, ...encoder.weights.flatMap(({ aliases = [] }) => aliases)])
    .map((name) => name.toLowerCase());
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  const hubs = zoo.flatMap(({ weights }) => weights.map(({ hub }) => hub));
  expect(hubs.filter((hub, i) => hubs.indexOf(hub) !== i)).toEqual([]);
  for (const { name } of zoo) expect(nameOf(name)).toBe(name);
});

test('layouts are those that weights can be read in', () => {
  const known = new Set(weightLayouts.map(({ name }) => name));
  for (const { layouts } of zoo) for (const layout of layouts) expect(known).toContain(layout);
});
