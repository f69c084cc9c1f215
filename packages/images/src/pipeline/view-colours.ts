import type { Pipeline } from './pipeline.ts';

/**
 * Colour changes of the query view and the patches of a contrastive method, as in DSCL: colour jitter with hue with
 * probability 0.8, grey with 0.2, blur with 0.5.
 */
export const queryColours: Pipeline = [
  { name: 'colorJitter', brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1, probability: 0.8 },
  { name: 'randomGrayscale', probability: 0.2 },
  { name: 'gaussianBlur', sigma: [0.1, 2], probability: 0.5 },
];

/** Colour changes of the key view, as in DSCL: colour jitter without hue, always. */
export const keyColours: Pipeline = [{ name: 'colorJitter', brightness: 0.4, contrast: 0.4, saturation: 0.4 }];
