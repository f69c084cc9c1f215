export { type RamConfig, ramConfigSchema, ramPresets } from './config.ts';
export {
  type ImageTokens,
  type Matches,
  MatchingHead,
  type MatchingHeadOptions,
  matchScores,
  type Teaching,
} from './matching-head.ts';
export { ram } from './method.ts';
export { multiMatchingLoss } from './multi-matching-loss.ts';
export { Ram, type RamParts } from './ram.ts';
export { type SinkhornOptions, sinkhorn } from './sinkhorn.ts';
