import type { Pipeline } from './pipeline.ts';

/**
 * Colours of a contrastive method's query view and of its patches, as in DSCL: jitter with hue in four of five, grey in one of
 * five, every second blurred.
 */
export const queryColours: Pipeline = [
  { name: 'colorJitter', brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1, probability: 0.8 },
  { name: 'randomGrayscale', probability: 0.2 },
  { name: 'gaussianBlur', sigma: [0.1, 2], probability: 0.5 },
];

/** Colours of the key view, as in DSCL: jitter without hue in every picture. */
export const keyColours: Pipeline = [{ name: 'colorJitter', brightness: 0.4, contrast: 0.4, saturation: 0.4 }];
