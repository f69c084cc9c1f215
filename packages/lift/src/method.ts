import { countedInTraining } from '@ltml/tensor/config';
import type { Method, MethodNeeds, StageOutline } from '@ltml/tensor/contract';
import {
  type LiftConfig,
  type LiftHeadConfig,
  liftConfigSchema,
  liftHeadConfigSchema,
  liftHeadPresets,
  liftPresets,
} from './config.ts';
import { Lift, type LiftParts } from './lift.ts';
import { pictures } from './pictures.ts';

const stages: readonly StageOutline[] = [
  { name: 'class-means', length: 'classMeanEpochs' },
  { name: 'train', length: 'epochs', counted: countedInTraining() },
];

const needs: MethodNeeds = {
  encodings: ['features'],
  text: 'tower',
  textUnless: 'classMeanEpochs',
  labels: 'single',
  loss: 'default',
  crops: true,
  pictures,
};

/** LIFT (ICML 2024) as a {@link Method}, for recipes and benchmarks. */
export const lift: Method<LiftConfig, LiftParts> & { readonly presets: typeof liftPresets } = {
  name: 'lift',
  configSchema: liftConfigSchema,
  presets: liftPresets,
  needs: { ...needs, images: true },
  stages,
  create: (task, parts, config, random) => new Lift(task, parts, config, random),
};

/** LIFT's classifier alone, on any frozen encoder. */
export const liftHead: Method<LiftHeadConfig, LiftParts> & { readonly presets: typeof liftHeadPresets } = {
  name: 'lift-head',
  configSchema: liftHeadConfigSchema,
  presets: liftHeadPresets,
  needs,
  stages,
  create: (task, parts, config, random) => new Lift(task, parts, config, random),
};
