export { type MlcNcConfig, mlcNcConfigSchema, mlcNcPresets } from './config.ts';
export { type AlignmentOptions, featureLabelAlignment } from './feature-label-alignment.ts';
export { MlcNcHead, type MlcNcHeadOptions, type MlcNcOutput } from './head.ts';
export { MlcNcLearner, type MlcNcParts } from './learner.ts';
export {
  type MlcNcLossOptions,
  type MlcNcOutputs,
  type MlcNcTerms,
  type MlcNcWeights,
  mlcNcLoss,
  mlcNcWeights,
} from './loss.ts';
export { mlcNc } from './method.ts';
export {
  type PrototypeContrastOptions,
  type PrototypeSums,
  prototypeContrast,
  prototypeMeans,
  prototypesOf,
} from './prototype-contrast.ts';
export { orthonormalBasis, simplexEtf } from './simplex-etf.ts';
