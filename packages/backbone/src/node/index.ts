export { loadResnetTiny } from './resnet-tiny.ts';
