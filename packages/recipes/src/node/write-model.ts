import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encoderByName } from '@ltml/backbone';
import { exportState, type HostTensor } from '@ltml/tensor';
import { writeFileAtomically, writeSafetensorsFile } from '@ltml/tensor/node';
import { configHash } from '@ltml/train/node';
import { withoutLoss } from '../build/loss-state.ts';
import { toInt8 } from '../model/int8.ts';
import { modelClasses } from '../model/model-classes.ts';
import type { ModelDescription, StoredWeights } from '../model/model-description.ts';
import { modelRecipeOf } from '../model/model-recipe.ts';
import { encoderPrefix, learnerPrefix, withPrefix } from '../model/tensor-names.ts';
import type { NamedPart } from '../parts/part.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { BuiltRecipe } from './build.ts';
import { fileHash } from './file-hash.ts';
import { picturesOf } from './pictures.ts';
import { textTensors } from './text-tensors.ts';

/** The description of the model that a run will train. */
export async function describeModel(built: BuiltRecipe): Promise<ModelDescription> {
  const { recipe, method, learner, task, splits, pipelines } = built;
  const [height, width] = picturesOf(splits.test, pipelines.test).inputs.shape;
  const { trainCount, classCounts: trained } = task.statistics;
  const embeddingWidth = embeddingsOf(await exportState(learner))?.shape[1];
  return {
    format: 'ltml-model',
    version: 1,
    name: recipe.name,
    classes: modelClasses(splits.classes.slice(0, task.classes.length), recipe.method, method.needs),
    pictures: { height, width, pipeline: pipelines.test },
    scores: learner.scores,
    thresholds: null,
    calibration: null,
    training: {
      images: trainCount,
      classCounts: trained,
      groupCounts: splits.classCounts,
      groups: splits.protocol.groups,
      data: dataOf(recipe),
    },
    ...(embeddingWidth !== undefined && { embeddingWidth }),
    ...(method.needs.text === 'tower' &&
      recipe.method.clip &&
      !recipe.method.classEmbeddings && {
        text: { tower: encoderByName(recipe.method.clip.name).encoder.name, tokenizer: 'tokenizer.json' },
      }),
    licence: null,
    recipe: modelRecipeOf(recipe),
    recipeHash: configHash(recipe),
    weights: null,
  };
}

/** The recipe's data. If the run also trained on the images that other runs hold out, no images are held out here. */
function dataOf({ data, evaluation }: Recipe): NamedPart {
  return evaluation.selection === 'published' ? { ...data, validation: null } : data;
}

/** The class embeddings in a learner's state, by the names that cprfl, sarb and mkt give them. */
function embeddingsOf(state: ReadonlyMap<string, HostTensor>): HostTensor | undefined {
  const name = [...state.keys()].find((key) => /(^|\.)(class_embeddings|wordFeatures)$|^labels$/.test(key));
  return name === undefined ? undefined : state.get(name);
}

/** Writes `model.json` without weights, so that an unfinished run can be used. */
export async function writeDescription(folder: string, description: ModelDescription): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFileAtomically(join(folder, 'model.json'), [`${JSON.stringify(description, null, 2)}\n`]);
}

/** Writes the current weights of the learner and of a frozen encoder, and then `model.json`. */
export async function writeModel(
  folder: string,
  { learner, frozen, clip }: Pick<BuiltRecipe, 'learner' | 'frozen' | 'clip'>,
  description: ModelDescription,
  weights: Pick<StoredWeights, 'kind' | 'step'>,
): Promise<void> {
  const { tensors: ofText = [], tokenizer } = description.text ? await textTensors(clip) : {};
  const tensors = new Map([
    ...withPrefix(learnerPrefix, withoutLoss(await exportState(learner))),
    ...(frozen ? withPrefix(encoderPrefix, await exportState(frozen)) : []),
    ...ofText,
  ]);
  await writeBundle(folder, description, { tensors, ...(tokenizer !== undefined && { tokenizer }) }, weights);
}

/** Writes a bundle; `model.json` comes last. */
export async function writeBundle(
  folder: string,
  description: ModelDescription,
  { tensors, tokenizer }: { readonly tensors: ReadonlyMap<string, HostTensor>; readonly tokenizer?: string },
  { storage = 'float32', kind, step }: Pick<StoredWeights, 'kind' | 'step'> & Partial<Pick<StoredWeights, 'storage'>>,
): Promise<StoredWeights> {
  await mkdir(folder, { recursive: true });
  const file = 'model.safetensors';
  const path = join(folder, file);
  const stored = storage === 'int8' ? toInt8(tensors) : tensors;
  const float32As = storage === 'float16' ? 'F16' : 'F32';
  await writeSafetensorsFile(path, stored, { metadata: { format: 'ltml-model' }, float32As });
  if (tokenizer !== undefined) await writeFileAtomically(join(folder, 'tokenizer.json'), [tokenizer]);
  const sha256 = await fileHash(path);
  const weights: StoredWeights = { file, sha256, kind, storage, difference: 0, cost: null, step };
  await writeDescription(folder, { ...description, weights });
  return weights;
}
