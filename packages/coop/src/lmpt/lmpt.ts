import { distributionBalancedLoss } from '@ltml/losses';
import {
  checkShapes,
  freezeNetwork,
  Module,
  ModuleBuffer,
  OptionError,
  type RandomStreams,
  withoutGradient,
} from '@ltml/tensor';
import { trainingOf } from '@ltml/tensor/config';
import type {
  Batch,
  BatchInputs,
  ClassStatistics,
  Encoder,
  Learner,
  MethodParts,
  Stage,
  StepResult,
  Task,
} from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { ClassPrompts } from '../prompts/class-prompts.ts';
import { captionLoss } from './caption-loss.ts';
import type { LmptConfig } from './config.ts';
import { cosineLogits, PromptClassifier } from './prompt-classifier.ts';

/**
 * The parts of {@link Lmpt}. `encoder` and `textTower` (with `tokenizer`) are the two towers of one CLIP. Leave
 * `encoder` out if the inputs are its features already.
 */
export type LmptParts = Pick<MethodParts, 'features' | 'encoder' | 'textTower' | 'tokenizer'> & {
  /** Prompts to use, if they should not be made from the class names by the tokenizer. */
  readonly prompts?: ClassPrompts;
};

/**
 * The inputs of a step with the caption loss (λ < 1): images or features, and the token embeddings of their captions.
 */
export type CaptionedInputs = {
  readonly images: tf.Tensor;
  /** [B, L, W] token embeddings of the text tower, with as many tokens as the prompts. */
  readonly captions: tf.Tensor3D;
};

/**
 * LMPT: long-tailed multi-label classification with a frozen CLIP. It learns a prompt context for each class with the
 * Distribution-Balanced focal loss. If training images have captions, {@link captionLoss} is added. Scores are logits.
 *
 * State names: `encoder.…`, `prompts.context.vectors`; `classes` [C, D], the embeddings computed by the last call of
 * {@link readClasses}.
 *
 * Source: Xia et al. (LMPT), ALVR 2024, and their code.
 */
export class Lmpt extends Module implements Learner {
  readonly encoder: Encoder | undefined;
  readonly prompts: PromptClassifier;
  readonly classes: ModuleBuffer;
  readonly stages: readonly Stage[];
  readonly scores = 'sigmoid' as const;
  readonly config: LmptConfig;
  readonly #statistics: ClassStatistics;

  /** @throws OptionError */
  constructor(task: Task, parts: LmptParts, config: LmptConfig, random: RandomStreams) {
    super();
    const { encoder, features, textTower, tokenizer, prompts } = parts;
    if (!textTower || (!tokenizer && !prompts)) {
      const argument = textTower ? 'parts.tokenizer' : 'parts.textTower';
      const expected = `a ${textTower ? 'tokenizer' : 'text tower'}, to embed prompts`;
      throw new OptionError({ where: 'Lmpt', argument, expected, received: 'nothing' });
    }
    this.config = config;
    this.#statistics = task.statistics;
    this.encoder = encoder;
    if (encoder) freezeNetwork(encoder, { parameters: '', statistics: '' });
    const read = { textTower, ...(tokenizer && { tokenizer }), ...(prompts && { prompts }) };
    this.prompts = new PromptClassifier(task.classes, read, config, random);
    const classes = this.prompts.read();
    checkShapes('Lmpt', { 'parts.textTower': [classes, `${task.classes.length} ${features}`] });
    this.classes = new ModuleBuffer(classes, 'same');
    this.stages = [
      {
        name: 'train',
        ...trainingOf(config),
        step: (batch) => this.#step(batch),
        beforeEvaluation: () => this.readClasses(),
      },
    ];
  }

  forward(inputs: tf.Tensor): { readonly features: tf.Tensor2D; readonly logits: tf.Tensor2D } {
    return this.#classify(inputs, this.classes.variable as tf.Tensor2D);
  }

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.forward(inputs).logits);
  }

  /** Recomputes the embeddings of the classes with the current contexts. The stage does so before each evaluation. */
  readClasses(): void {
    tf.tidy(() => void this.classes.variable.assign(this.prompts.read()));
  }

  #classify(inputs: tf.Tensor, classes: tf.Tensor2D) {
    return tf.tidy(() => {
      const { encoder } = this;
      const features = encoder ? withoutGradient(() => tf.clone(encoder.forward(inputs).features)) : tf.clone(inputs);
      return {
        features: features as tf.Tensor2D,
        logits: cosineLogits(features as tf.Tensor2D, classes, this.config.logitScale),
      };
    });
  }

  #step({ inputs, labels, known }: Batch<BatchInputs>): StepResult {
    const { lambda, loss, captions: options } = this.config;
    const { images, captions } = this.#parted(inputs);
    const tokens = this.prompts.embedTokens();
    const { logits } = this.#classify(images, this.prompts.read(tokens));
    const classification = distributionBalancedLoss(logits, labels, this.#statistics, {
      known,
      reweight: { by: 'rebalance', alpha: 0.1, beta: 10, mu: loss.mu },
      ntr: { kappa: 0.05, lambda: loss.negativeScale, kappaDividedByLambda: true },
      focal: { gamma: 2, balance: 2, scope: loss.focal },
    });
    if (!captions) return { loss: classification, terms: {} };
    const { classAware, ...rest } = options;
    const classCounts = classAware && { classCounts: this.#statistics.classCounts };
    const apart = captionLoss(captions, tokens, labels, { ...rest, ...classCounts });
    return {
      loss: tf.add(tf.mul(classification, lambda), tf.mul(apart, 1 - lambda)),
      terms: { classification, captions: apart },
    };
  }

  /** Splits inputs into images and captions. @throws OptionError for λ < 1 without captions */
  #parted(inputs: BatchInputs): { readonly images: tf.Tensor; readonly captions?: tf.Tensor3D } {
    const { lambda } = this.config;
    const parts = inputs as Partial<CaptionedInputs>;
    if (lambda === 1) return { images: parts.images ?? (inputs as tf.Tensor) };
    if (parts.images && parts.captions) return { images: parts.images, captions: parts.captions };
    throw new OptionError({
      where: 'Lmpt',
      argument: 'config.lambda',
      expected: '1, because the inputs have no captions',
      received: `${lambda}`,
      hint: 'Recipes have no captions. In your own program, pass inputs as { images, captions }.',
    });
  }
}
