export { type ClipAttention, type ClipBlock, type ClipTower, isClipTower } from './clip/tower.ts';
export { addToBank, type Bank, emptyBank } from './piaa/bank.ts';
export { type PiaaConfig, piaaConfigSchema, piaaPresets } from './piaa/config.ts';
export { gaussianClassifier, type LabelledPatches, type PatchClassifier } from './piaa/gaussian.ts';
export { itaclipTokens } from './piaa/itaclip.ts';
export { type Learned, type LearnOptions, learnFromBank } from './piaa/learn.ts';
export { piaa } from './piaa/method.ts';
export { neighbourMean } from './piaa/neighbour-mean.ts';
export { type OutlierOptions, patchOutliers } from './piaa/outliers.ts';
export { type PatchClasses, type PatchClassesOptions, patchClasses } from './piaa/patch-classes.ts';
export { Piaa, type PiaaParts } from './piaa/piaa.ts';
export { type ScclipOptions, scclipPatches } from './piaa/scclip.ts';
export { sclipTokens } from './piaa/sclip.ts';
export { type ImageTokens, type PiaaScore, piaaScore, type ScoreClasses, type ScoreOptions } from './piaa/score.ts';
export { type SparcConfig, sparcConfigSchema, sparcPresets } from './sparc/config.ts';
export {
  type Columns,
  columnsOf,
  type Debiased,
  debiasImages,
  type SparcCosines,
  standardized,
} from './sparc/debias.ts';
export { type MatchOptions, matchClasses, vocRenames } from './sparc/match.ts';
export { mergeScores, rankedScores } from './sparc/merge.ts';
export { sparc } from './sparc/method.ts';
export { type PrincipalDirection, principalDirection } from './sparc/principal-direction.ts';
export { debias, type SparcOptions, type SparcScores, sparcScores } from './sparc/scores.ts';
export { Sparc, type SparcOutput, type SparcParts } from './sparc/sparc.ts';
export { aboveShare } from './tagclip/above-share.ts';
export { type BoxOptions, boxMask, type Grid } from './tagclip/box-mask.ts';
export { type TagclipConfig, tagclipConfigSchema, tagclipPresets } from './tagclip/config.ts';
export { tagclip } from './tagclip/method.ts';
export { type Refined, type RefineOptions, refinePatches } from './tagclip/refine.ts';
export { type TagclipOptions, type TagclipScores, tagclipScores } from './tagclip/scores.ts';
export { Tagclip, type TagclipParts } from './tagclip/tagclip.ts';
