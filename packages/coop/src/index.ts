export { ClassPair, type NameReader } from './coop/class-pair.ts';
export { ClassTexts, type ClassTextsOptions } from './coop/class-texts.ts';
export { type CoopConfig, coopConfigSchema, coopPresets, type PresenceLossConfig } from './coop/config.ts';
export { Coop, type CoopParts } from './coop/coop.ts';
export { coop } from './coop/method.ts';
export { type CaptionLossOptions, captionDistance, captionLoss } from './lmpt/caption-loss.ts';
export { type LmptConfig, lmptConfigSchema, lmptPresets } from './lmpt/config.ts';
export { type CaptionedInputs, Lmpt, type LmptParts } from './lmpt/lmpt.ts';
export { lmpt } from './lmpt/method.ts';
export { type NamePosition, placeNames } from './lmpt/name-position.ts';
export { cosineLogits, PromptClassifier, type PromptClassifierParts } from './lmpt/prompt-classifier.ts';
export {
  type PoolPlacesOptions,
  poolPlaces,
  similarPlaces,
  type TwoEmbeddings,
  type TwoLogits,
} from './pool-places.ts';
export { type PresenceLossOptions, presenceLogits, presenceLoss } from './presence-loss.ts';
export { type ClassPrompts, type ClassPromptsOptions, classPrompts, promptIds } from './prompts/class-prompts.ts';
export { LearnedContext, type LearnedContextOptions } from './prompts/learned-context.ts';
export { type VisionOnlyConfig, visionOnlyConfigSchema, visionOnlyPresets } from './vision-only/config.ts';
export { VisionOnlyHead, type VisionOnlyHeadOptions } from './vision-only/head.ts';
export { visionOnly } from './vision-only/method.ts';
export { VisionOnly, type VisionOnlyParts } from './vision-only/vision-only.ts';
