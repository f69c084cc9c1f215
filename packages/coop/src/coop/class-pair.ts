import { Module, OptionError, Parameter, type RandomStream, type RandomStreams } from '@ltml/tensor';
import type { TextTokenizer, TextTower } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { TwoEmbeddings } from '../pool-places.ts';
import { ClassTexts } from './class-texts.ts';
import type { CoopConfig } from './config.ts';

/** What names are read by. */
export interface NameReader {
  readonly textTower: TextTower;
  readonly tokenizer: TextTokenizer;
}

/**
 * The two embeddings of each class, of its presence and of its absence: read from prompts with a learned context, or learned
 * themselves.
 *
 * State names: `positive.vectors`, `negative.vectors`, the contexts; `free` [C, D], the embedding that has no prompt;
 * `extra` [C, D], added to the one that has, where only one has. The last two begin as N(0, 1).
 *
 * Source: Sun et al. (DualCoOp), NeurIPS 2022; Rawlekar et al. (PositiveCoOp), WACV 2025, and their code.
 */
export class ClassPair extends Module {
  readonly positive: ClassTexts | undefined;
  readonly negative: ClassTexts | undefined;
  readonly free: Parameter | undefined;
  readonly extra: Parameter | undefined;

  /** @param D of the embeddings */
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

  /** Of the classes, or of some of them. @param chosen [K] int32 */
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

  /** Whether it knows two prompts for any name, and so for names that are no classes. */
  get readsNames(): boolean {
    return [this.positive, this.negative].every((texts) => texts?.vectors.shape.length === 2);
  }

  /** Of any names. @throws OptionError unless both embeddings come from prompts that all classes share */
  ofNames(names: readonly string[]): TwoEmbeddings {
    const { positive, negative } = this;
    if (positive && negative && this.readsNames) {
      return { absent: negative.readNames(names), present: positive.readNames(names) };
    }
    throw new OptionError({
      where: 'ClassPair.ofNames',
      argument: 'config',
      expected: "prompts 'both' and perClass false, to read other names than those of the classes",
      received: 'vectors that belong to the classes',
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
