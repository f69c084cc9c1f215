import {
  checkShapes,
  freezeNetwork,
  inTemplate,
  Module,
  ModuleBuffer,
  OptionError,
  type RandomStreams,
  readTexts,
  withoutGradient,
} from '@ltml/tensor';
import { trainingOf } from '@ltml/tensor/config';
import type {
  Batch,
  Encoder,
  LabelScorer,
  Learner,
  MethodParts,
  Stage,
  StepResult,
  Task,
  TokenEncoder,
} from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { RamConfig } from './config.ts';
import { type ImageTokens, type Matches, MatchingHead, matchScores } from './matching-head.ts';
import { multiMatchingLoss } from './multi-matching-loss.ts';

/**
 * The parts of {@link Ram}. `encoder` and `textTower` (with `tokenizer`) are the two towers of one CLIP.
 *
 * - `encoder`: can train. Leave it out if the inputs are its tokens already; these are then also the tokens of the
 *   teacher.
 * - `classEmbeddings`: class embeddings, instead of the text tower.
 */
export interface RamParts
  extends Pick<MethodParts, 'features' | 'teacher' | 'classEmbeddings' | 'textTower' | 'tokenizer'> {
  /** The image tower of a CLIP. Leave it out if the inputs are its tokens [B, 1 + N, D] already. */
  readonly encoder?: TokenEncoder;
}

/**
 * Open-vocabulary classification with RAM's {@link MatchingHead}: images and classes are matched as a whole and place
 * by place. Any text can be a class.
 *
 * State names: `encoder.…`, `head.…` (see {@link MatchingHead}), `labels` [C, D], the embeddings of the classes.
 *
 * Source: Tan et al. (RAM), CVPR 2025, and their code, without its adapters and deep text embeddings.
 */
export class Ram extends Module implements Learner {
  readonly encoder: TokenEncoder | undefined;
  readonly head: MatchingHead;
  readonly labels: ModuleBuffer;
  readonly stages: readonly Stage[];
  readonly scores = 'relative' as const;
  readonly config: RamConfig;
  readonly #teacher: Encoder | undefined;
  readonly #read: ((names: readonly string[]) => tf.Tensor2D) | undefined;

  /** @throws OptionError */
  constructor({ classes }: Task, parts: RamParts, config: RamConfig, _: RandomStreams) {
    super();
    const { encoder, features, teacher, classEmbeddings, textTower, tokenizer } = parts;
    if (encoder && !teacher && config.head.teacherWeight > 0) {
      throw missing('parts.teacher', 'a teacher, because head.teacherWeight is above 0');
    }
    if (!classEmbeddings && !(textTower && tokenizer)) {
      throw textTower
        ? missing('parts.tokenizer', 'a tokenizer, or parts.classEmbeddings instead')
        : missing('parts.textTower', 'a text tower, or parts.classEmbeddings instead');
    }
    this.config = config;
    this.encoder = encoder;
    if (encoder) freezeNetwork(encoder, config.freeze);
    this.#teacher = teacher?.eval();
    this.head = new MatchingHead(config.head);
    if (textTower && tokenizer) {
      const reader = { textTower, tokenizer };
      const { template } = config;
      this.#read = (names) =>
        readTexts(
          'Ram',
          names.map((name) => inTemplate(template, name)),
          reader,
        );
    }
    const labels = classEmbeddings ? tf.clone(classEmbeddings) : this.#readNames(classes);
    const argument = classEmbeddings ? 'parts.classEmbeddings' : 'parts.textTower';
    checkShapes('Ram', { [argument]: [labels, `${classes.length} ${features}`] });
    this.labels = new ModuleBuffer(labels, 'same');
    this.stages = [{ name: 'train', ...trainingOf(config), step: (batch) => this.#step(batch as Batch) }];
  }

  forward(inputs: tf.Tensor): Matches {
    return tf.tidy(() => this.head.forward(this.embedImages(inputs), this.labels.variable as tf.Tensor2D));
  }

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => matchScores(this.forward(inputs)));
  }

  /** Scores [B, E] of any classes, given their embeddings [E, D]. */
  predictClasses(inputs: tf.Tensor, embeddings: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => matchScores(this.head.forward(this.embedImages(inputs), embeddings)));
  }

  /** Scores any labels. @throws OptionError without a text tower */
  labelScorer(labels: readonly string[]): LabelScorer {
    const embedded = tf.keep(this.#readNames(labels));
    return {
      predict: (inputs) => this.predictClasses(inputs, embedded),
      dispose: () => embedded.dispose(),
    };
  }

  /** Embeddings of the whole image and of its places. */
  embedImages(inputs: tf.Tensor): ImageTokens {
    return partTokens(this.encoder ? this.encoder.forward(inputs).tokens : (inputs as tf.Tensor3D));
  }

  #step({ inputs, labels, known }: Batch): StepResult {
    const image = this.embedImages(inputs);
    const texts = this.labels.variable as tf.Tensor2D;
    const present = tf.mul<tf.Tensor2D>(labels, known);
    const taught = this.#teach(inputs);
    const matches = this.head.forward(image, texts, taught && { patches: taught, texts, labels: present });
    const terms = {
      global: multiMatchingLoss(matches.global, labels, known),
      local: multiMatchingLoss(matches.local, labels, known),
    };
    return { loss: tf.add(terms.global, terms.local), terms };
  }

  /** The places of the images from the teacher, [B, N, D]; undefined if its weight is 0. */
  #teach(inputs: tf.Tensor): tf.Tensor3D | undefined {
    if (this.config.head.teacherWeight === 0) return undefined;
    const teacher = this.encoder && (this.#teacher as TokenEncoder);
    return withoutGradient(() => {
      return tf.clone(partTokens(teacher ? teacher.forward(inputs).tokens : (inputs as tf.Tensor3D)).patches);
    });
  }

  #readNames(names: readonly string[]): tf.Tensor2D {
    if (this.#read) return this.#read(names);
    throw missing('parts.textTower', 'a text tower, to embed labels');
  }
}

function partTokens(tokens: tf.Tensor3D): ImageTokens {
  const { B, L, D } = checkShapes('Ram', { inputs: [tokens, 'B L D'] });
  return {
    features: tf.reshape(tf.slice(tokens, [0, 0, 0], [B, 1, D]), [B, D]),
    patches: tf.slice(tokens, [0, 1, 0], [B, L - 1, D]),
  };
}

function missing(argument: string, expected: string): OptionError {
  return new OptionError({ where: 'Ram', argument, expected, received: 'nothing' });
}
