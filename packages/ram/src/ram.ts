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
 * What it is put together from. The encoder is an image tower of the CLIP whose text tower it is, and may train; left out of
 * it where inputs are its tokens already, which are then the teacher's as well. The classes come as texts or as embeddings.
 */
export interface RamParts
  extends Pick<MethodParts, 'features' | 'teacher' | 'classEmbeddings' | 'textTower' | 'tokenizer'> {
  readonly encoder?: TokenEncoder;
}

/**
 * Images and classes matched as a whole and place by place, by the head of RAM. Any text is a class.
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
    if (encoder && !teacher && config.head.teacherWeight > 0) throw missing('parts.teacher', 'given');
    if (!classEmbeddings && !(textTower && tokenizer)) {
      throw missing(textTower ? 'parts.tokenizer' : 'parts.textTower', 'given, or parts.classEmbeddings in its place');
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

  predictClasses(inputs: tf.Tensor, embeddings: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => matchScores(this.head.forward(this.embedImages(inputs), embeddings)));
  }

  /** @throws OptionError without a text tower */
  labelScorer(labels: readonly string[]): LabelScorer {
    const embedded = tf.keep(this.#readNames(labels));
    return {
      predict: (inputs) => this.predictClasses(inputs, embedded),
      dispose: () => embedded.dispose(),
    };
  }

  /** The image as a whole, and its places. */
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

  /** The places of the images as the teacher sees them, [B, N, D]; undefined where it has no say. */
  #teach(inputs: tf.Tensor): tf.Tensor3D | undefined {
    if (this.config.head.teacherWeight === 0) return undefined;
    const teacher = this.encoder && (this.#teacher as TokenEncoder);
    return withoutGradient(() => {
      return tf.clone(partTokens(teacher ? teacher.forward(inputs).tokens : (inputs as tf.Tensor3D)).patches);
    });
  }

  #readNames(names: readonly string[]): tf.Tensor2D {
    if (this.#read) return this.#read(names);
    throw missing('parts.textTower', 'given, to read labels');
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
