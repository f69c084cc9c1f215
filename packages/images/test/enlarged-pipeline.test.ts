import { OptionError } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { enlargedPipeline, resolvePipeline, unitStatistics } from '../src/index.ts';

test('sides of resizes and crops grow, and nothing else changes', () => {
  const normalize = { name: 'normalize', ...unitStatistics } as const;
  expect(
    enlargedPipeline([{ name: 'resize', shorterSide: 256 }, { name: 'centerCrop', size: 224 }, normalize], 8 / 7),
  ).toEqual([{ name: 'resize', shorterSide: 293 }, { name: 'centerCrop', size: 256 }, normalize]);
  const made = resolvePipeline(enlargedPipeline([{ name: 'resize', height: 8, width: 10, filter: 'bicubic' }], 1.5));
  expect(made({ height: 5, width: 4, pixels: new Uint8Array(60) })).toMatchObject({ height: 12, width: 15 });
  expect(() => enlargedPipeline([], 0)).toThrow(OptionError);
});
