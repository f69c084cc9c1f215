export { loadResnetTiny } from './resnet-tiny.ts';
export { openWeights, withWeights } from './weight-file.ts';
