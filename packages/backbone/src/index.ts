export { BasicBlock, type BasicBlockOptions } from './basic-block.ts';
export { type BackboneOutput, ResNet, type ResNetConfig, type ResNetStage } from './resnet.ts';
export { readResnetTiny, resnetTiny, resnetTinyStatistics } from './resnet-tiny.ts';
