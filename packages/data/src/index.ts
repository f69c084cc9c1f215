export type { Dataset, ImageSource, InputSource, Sampler } from './dataset.ts';
