import { Module, OptionError, Parameter, type RandomStream, type RandomStreams } from '@ltml/tensor';
import type { TextTokenizer, TextTower } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { TwoEmbeddings } from '../pool-places.ts';
import { ClassTexts } from './class-texts.ts';
import type { CoopConfig } from './config.ts';

/** A text tower with its tokenizer. */
export interface NameReader {
  readonly textTower: TextTower;
  readonly tokenizer: TextTokenizer;
}

/**
 * Two embeddings for each class, for its presence and its absence. Each comes from a prompt with a learned context, or
 * is itself a learned vector.
 *
 * State names: the contexts `positive.vectors` and `negative.vectors`; `free` [C, D], the embedding without a prompt;
 * `extra` [C, D], added to the embedding with a prompt if the other has none. `free` and `extra` start from N(0, 1).
 *
 * Source: Sun et al. (DualCoOp), NeurIPS 2022; Rawlekar et al. (PositiveCoOp), WACV 2025, and their code.
 */
export class ClassPair extends Module {
  readonly positive: ClassTexts | undefined;
  readonly negative: ClassTexts | undefined;
  readonly free: Parameter | undefined;
  readonly extra: Parameter | undefined;

  /** @param D width of the embeddings */
  constructor(classes: readonly string[], D: number, config: CoopConfig, reader: NameReader, random: RandomStreams) {
    super();
    const { prompts, contextLength, perClass, contextStart, extraEmbedding } = config;
    const texts = (sign: 'positive' | 'negative'): ClassTexts => {
      const start = contextStart?.[sign] ?? null;
      return new ClassTexts(classes, { ...reader, contextLength: contextLength[sign], perClass, start, random });
    };
    this.positive = prompts === 'negative' ? undefined : texts('positive');
    this.negative = prompts === 'positive' ? undefined : texts('negative');
    const drawn = (): Parameter => normals([classes.length, D], random.stream('init'));
    this.free = prompts === 'both' ? undefined : drawn();
    this.extra = prompts !== 'both' && extraEmbedding ? drawn() : undefined;
  }

  /** The embeddings of the classes. @param chosen [K] int32, indices of classes; default: all */
  embeddings(chosen?: tf.Tensor1D): TwoEmbeddings {
    const own = (parameter: Parameter): tf.Tensor2D =>
      (chosen ? tf.gather(parameter.variable as tf.Tensor, chosen) : parameter.variable) as tf.Tensor2D;
    return tf.tidy(() => {
      const of = (texts: ClassTexts | undefined): tf.Tensor2D => {
        if (!texts) return tf.clone(own(this.free as Parameter));
        const read = texts.read(chosen);
        return this.extra ? tf.add(read, own(this.extra)) : read;
      };
      return { absent: of(this.negative), present: of(this.positive) };
    });
  }

  /** Whether it can embed any name: both embeddings come from prompts that all classes share. */
  get readsNames(): boolean {
    return [this.positive, this.negative].every((texts) => texts?.vectors.shape.length === 2);
  }

  /** The embeddings of any names. @throws OptionError unless {@link readsNames} */
  ofNames(names: readonly string[]): TwoEmbeddings {
    const { positive, negative } = this;
    if (positive && negative && this.readsNames) {
      return { absent: negative.readNames(names), present: positive.readNames(names) };
    }
    throw new OptionError({
      where: 'ClassPair.ofNames',
      argument: 'config',
      expected: "prompts 'both' and perClass false, to embed names that are not classes",
      received: 'learned vectors for each class',
    });
  }
}

function normals(shape: [number, number], stream: RandomStream): Parameter {
  return new Parameter(
    tf.tensor2d(
      Float32Array.from({ length: shape[0] * shape[1] }, () => stream.normal()),
      shape,
    ),
  );
}
