import { DataError, type Pair } from '@ltml/tensor';
import type { Tower } from './heads.ts';

/** The parts of a configuration that describe a tower. */
export interface TowerConfiguration {
  readonly heads?: number;
  readonly quickGelu?: boolean;
  /** ε of the layer norms. */
  readonly epsilon?: number;
  readonly imageSize?: Pair;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads the description of a tower from a configuration of Hugging Face's transformers (`config.json`), timm (same
 * name) or open_clip (`open_clip_config.json`). From other JSON it reads nothing.
 *
 * @param width width of the tower, which the configuration must not contradict
 * @throws DataError if the configuration has another width, or an activation that is not supported
 */
export function readConfiguration(config: unknown, tower: Tower, width: number): TowerConfiguration {
  const root = asRecord(config);
  const openClip = asRecord(root.model_cfg ?? root);
  const part = asRecord(tower === 'image' ? openClip.vision_cfg : openClip.text_cfg);
  if (part.width !== undefined || part.layers !== undefined) return readOpenClip(openClip, part, tower, width);
  const model = asRecord(root.model_args);
  const own = asRecord(tower === 'image' ? root.vision_config : root.text_config);
  const isNested = root.vision_config !== undefined || root.text_config !== undefined;
  const transformer = isNested ? own : root;
  const told = {
    width: count(transformer.hidden_size ?? model.embed_dim),
    heads: count(transformer.num_attention_heads ?? model.num_heads),
    activation: transformer.hidden_act,
    epsilon: transformer.layer_norm_eps,
    imageSize: transformer.image_size ?? imageOfTimm(root),
  };
  if (told.width !== undefined) checkWidth(told.width, width);
  const { heads, activation, epsilon, imageSize } = told;
  return {
    ...(heads !== undefined && { heads: checkDivides(heads, width) }),
    ...(activation !== undefined && { quickGelu: isQuick(activation) }),
    ...(typeof epsilon === 'number' && epsilon > 0 && { epsilon }),
    ...(isPair(imageSize) && { imageSize }),
  };
}

/**
 * Parses the JSON of a configuration.
 *
 * @param path name in errors
 * @throws DataError unless it is JSON
 */
export function parseConfiguration(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataError({
      where: 'openWeights',
      argument: path,
      expected: 'JSON',
      received: (cause as Error).message,
      cause,
    });
  }
}

function readOpenClip(model: Json, part: Json, tower: Tower, width: number): TowerConfiguration {
  const told = count(part.width);
  // For a ResNet the width is that after the stem; the pooling has 32 times as much.
  const tokens = told !== undefined && Array.isArray(part.layers) ? 32 * told : told;
  if (tokens !== undefined) checkWidth(tokens, width);
  const heads = tower === 'image' ? width / (count(part.head_width) ?? 64) : (count(part.heads) ?? 8);
  const imageSize = part.image_size;
  return {
    heads: checkDivides(heads, width),
    quickGelu: model.quick_gelu === true,
    ...(isPair(imageSize) && { imageSize }),
  };
}

function imageOfTimm(root: Json): unknown {
  const size = asRecord(root.pretrained_cfg).input_size;
  return Array.isArray(size) && size.length === 3 ? size.slice(1) : undefined;
}

function asRecord(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function count(value: unknown): number | undefined {
  return isCount(value) ? value : undefined;
}

function isPair(value: unknown): value is Pair {
  return isCount(value) || (Array.isArray(value) && value.length === 2 && value.every(isCount));
}

function isQuick(activation: unknown): boolean {
  if (activation === 'gelu' || activation === 'quick_gelu') return activation === 'quick_gelu';
  throw refusal('of a network with the activation gelu or quick_gelu', shown(activation));
}

function checkWidth(told: number, width: number): void {
  if (told !== width) throw refusal(`of a network of width ${width}, as the weights are`, `${told}`);
}

function checkDivides(heads: number, width: number): number {
  if (isCount(heads) && width % heads === 0) return heads;
  throw refusal(`of a network whose heads share the width ${width}`, `${heads} heads`);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value.slice(0, 40)}"` : typeof value;
}

function refusal(expected: string, received: string): DataError {
  return new DataError({ where: 'readArchitecture', argument: "the weights' configuration", expected, received });
}
