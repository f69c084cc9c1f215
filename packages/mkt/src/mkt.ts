import {
  checkShapes,
  freezeNetwork,
  l2Normalize,
  Module,
  ModuleBuffer,
  OptionError,
  type RandomStreams,
  withoutGradient,
} from '@ltml/tensor';
import type {
  Batch,
  Encoder,
  LabelScorer,
  Learner,
  MethodParts,
  Stage,
  StepContext,
  StepResult,
  Task,
  TextTokenizer,
} from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { MktConfig } from './config.ts';
import { distillationLoss } from './distillation.ts';
import { TwoStreamHead } from './head.ts';
import { type LabelPrompts, labelPrompts } from './label-prompts.ts';
import { freezeLayers, lastLayer } from './layer-decay.ts';
import { batchRankingLoss, labelledImages } from './loss.ts';
import { Prompt } from './prompt.ts';
import { distilTraining, promptTraining } from './stages.ts';
import { joinTokens, partTokens, type Student, studentTokens } from './student-tokens.ts';
import { withClipStatistics } from './teacher-statistics.ts';
import { combineStreams, type ImageEmbeddings, labelStreams, localEvidence, type Streams } from './two-stream.ts';

/**
 * The parts of {@link Mkt}.
 *
 * - Classes (those seen in training): either a `textTower` with a `tokenizer`, which embeds prompts around the class
 *   names, or fixed `classEmbeddings` [C, D]. With the latter no prompt can be tuned.
 * - `teacher`: the image tower of a CLIP. Distillation pulls the student's embedding towards the teacher's.
 */
export interface MktParts
  extends Pick<MethodParts, 'features' | 'teacher' | 'classEmbeddings' | 'textTower' | 'tokenizer'> {
  /** The student. Leave it out if the inputs are tokens [B, 1 + N, W] already. */
  readonly encoder?: Student;
  /** Prompts to use, if they should not be made from the class names by the tokenizer. */
  readonly prompts?: LabelPrompts;
}

/** Every result from images to scores. Axes: B images, N patches, D features, C classes. `logits` are [B, C]. */
export type MktOutput = ImageEmbeddings & Streams & { readonly logits: tf.Tensor2D };

/**
 * Multi-modal Knowledge Transfer (MKT): open-vocabulary classification. Images and labels are embedded in the space of
 * a CLIP, so that any text can be a class.
 *
 * Training has two stages:
 *
 * 1. `distil` trains the student with a ranking loss on its labels and with distillation from a CLIP. The embeddings of
 *    the seen labels are fixed.
 * 2. `prompt` freezes the student and tunes the words around the labels.
 *
 * With 0 epochs in both stages nothing is trained: the given student classifies by the texts of the classes.
 *
 * A step ignores images without a known positive. If a whole batch has none, its loss is 0, and AdamW still moves the
 * parameters by its momentum. Batch norms of the student keep their pretrained running statistics, because the
 * teacher's embedding space depends on them. (The published students have no batch norms.)
 *
 * State names: `student.…`, `head.…` (see {@link TwoStreamHead}), `prompt.…` (see {@link Prompt}), and `labels`, the
 * embeddings of the task's classes.
 *
 * Source: He et al., AAAI 2023, and their code. The README lists where the two differ.
 */
export class Mkt extends Module implements Learner {
  readonly student: Student | undefined;
  readonly head: TwoStreamHead | undefined;
  readonly prompt: Prompt | undefined;
  readonly stages: readonly Stage[];
  /** Scores only rank the labels of one list, because each stream is scaled over that list. */
  readonly scores = 'relative' as const;
  readonly config: MktConfig;
  readonly #teacher: Encoder | undefined;
  readonly #prompts: LabelPrompts | undefined;
  readonly #tokenizer: TextTokenizer | undefined;
  /** [C, D] embeddings of the task's classes, computed by the last call of {@link readLabels}. */
  readonly labels: ModuleBuffer;

  constructor(task: Task, parts: MktParts, config: MktConfig, random: RandomStreams) {
    super();
    checkParts(parts, config);
    const { encoder: student, features, teacher, classEmbeddings, textTower } = parts;
    this.config = config;
    this.student = student;
    this.#tokenizer = parts.tokenizer;
    if (textTower) {
      this.#prompts = parts.prompts ?? labelPrompts(task.classes, { tokenizer: parts.tokenizer as TextTokenizer });
      this.prompt = new Prompt(textTower, this.#prompts);
    }
    const embeddings = textTower ? tf.tidy(() => this.#embedTask()) : tf.clone(classEmbeddings as tf.Tensor2D);
    const source = textTower ? 'parts.prompts' : 'parts.classEmbeddings';
    const { D } = checkShapes('Mkt', { [source]: [embeddings, `${task.classes.length} D`] });
    this.labels = new ModuleBuffer(
      tf.tidy(() => tf.clone(this.#scaleLabels(embeddings))),
      'same',
    );
    embeddings.dispose();
    if (config.localHead === 'encoder') {
      checkWidth(features, D);
      this.head = undefined;
    } else {
      const options = { features, embedding: D, local: config.localHead, random: random.stream('init') };
      this.head = new TwoStreamHead(options);
    }
    if (student) {
      freezeLayers(student, config.distil.fixLayer);
      freezeNetwork(student, { parameters: null, statistics: '' });
    }
    this.#teacher = teacher?.eval();
    const distil: Stage = {
      ...distilTraining(config.distil, student ? lastLayer(student) : 1),
      shares: true,
      step: (batch: Batch, context) => this.#distilStep(batch, context),
    };
    const tune: Stage = {
      ...promptTraining(config.prompt),
      shares: true,
      step: (batch: Batch, context) => this.#promptStep(batch, context),
      beforeEvaluation: () => this.readLabels(),
    };
    this.stages = [distil, ...(this.prompt ? [tune] : [])].filter(({ epochs }) => epochs > 0);
  }

  /** Embeds images (or tokens, without a student) in the space of the label embeddings. */
  embedImages(inputs: tf.Tensor): ImageEmbeddings {
    return tf.tidy(() => this.#embedTokens(studentTokens(this.student, inputs)));
  }

  #embedTokens(tokens: ImageEmbeddings): ImageEmbeddings {
    return this.head ? this.head.forward(tokens) : tokens;
  }

  /**
   * Embeds any labels with the tuned prompt. Split long lists, because the text tower processes a list at once.
   *
   * @returns [C, D]
   * @throws OptionError without a text tower
   */
  embedLabels(prompts: LabelPrompts): tf.Tensor2D {
    const { prompt } = this;
    if (prompt) return tf.tidy(() => this.#scaleLabels(prompt.forward(prompts)));
    throw new OptionError({
      where: 'Mkt.embedLabels',
      argument: 'parts.textTower',
      expected: 'a text tower, to embed labels',
      received: 'nothing',
    });
  }

  /** Relative scores [B, C] of any classes, given their embeddings [C, D]. */
  predictClasses(inputs: tf.Tensor, embeddings: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => this.score(this.streams(this.embedImages(inputs), this.#scaleLabels(embeddings))));
  }

  /** Both streams for any label embeddings [C, D]. */
  streams(image: ImageEmbeddings, labels: tf.Tensor2D): Streams {
    return labelStreams(image, labels, { topK: this.config.topK });
  }

  /** Scores [B, C] from both streams, relative to the classes in them. */
  score(streams: Streams): tf.Tensor2D {
    const { combine, normalizeScores } = this.config;
    return combineStreams(streams, { combine, normalize: normalizeScores });
  }

  /** The ranking loss of scores [B, C] that both stages use: over the images with a known positive. */
  rankingLoss(scores: tf.Tensor2D, batch: Pick<Batch, 'labels' | 'known'>): tf.Scalar {
    return batchRankingLoss(scores, batch, this.config.ranking);
  }

  /** Scores of the task's classes, with every intermediate result. */
  forward(inputs: tf.Tensor): MktOutput {
    return tf.tidy(() => this.#classify(this.embedImages(inputs), this.labels.variable as tf.Tensor2D));
  }

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.forward(inputs).logits);
  }

  /** @throws OptionError without a text tower or a tokenizer */
  labelScorer(labels: readonly string[]): LabelScorer {
    const embedded = tf.keep(tf.tidy(() => this.#read(labels)));
    return {
      predict: (inputs) => tf.tidy(() => this.#classify(this.embedImages(inputs), embedded).logits),
      evidence: (inputs) => this.#evidence(inputs, embedded),
      dispose: () => embedded.dispose(),
    };
  }

  /** Where the image shows each class: the similarity of each patch to the class. */
  evidence(inputs: tf.Tensor): tf.Tensor4D {
    return this.#evidence(inputs, this.labels.variable as tf.Tensor2D);
  }

  #evidence(inputs: tf.Tensor, embedded: tf.Tensor2D): tf.Tensor4D {
    return tf.tidy(() => {
      const similarity = tf.transpose(localEvidence(this.embedImages(inputs), embedded), [0, 2, 1]);
      const [B, C, N] = similarity.shape;
      // Assume that patches come from a square image. If their number is not a square, lay them out in one row.
      const side = Math.sqrt(N);
      return tf.reshape(similarity, Number.isInteger(side) ? [B, C, side, side] : [B, C, 1, N]);
    });
  }

  #read(labels: readonly string[]): tf.Tensor2D {
    const tokenizer = this.#tokenizer;
    if (tokenizer) return this.embedLabels(labelPrompts(labels, { tokenizer }));
    throw new OptionError({
      where: 'Mkt.labelScorer',
      argument: 'parts.tokenizer',
      expected: 'a tokenizer, to embed labels',
      received: 'nothing',
    });
  }

  /**
   * Recomputes the embeddings of the task's classes with the current prompt. The stage `prompt` does so before each
   * evaluation. Call it after you change the prompt yourself.
   */
  readLabels(): void {
    if (this.prompt) tf.tidy(() => void this.labels.variable.assign(this.#scaleLabels(this.#embedTask())));
  }

  #distilStep(batch: Batch, { gather }: StepContext): StepResult {
    const { distillation } = this.config;
    const image = this.#embedTokens(partTokens(gather(joinTokens(studentTokens(this.student, batch.inputs)))));
    const { features, logits } = this.#classify(image, this.labels.variable as tf.Tensor2D);
    const ranking = this.rankingLoss(logits, batch);
    if (!this.#teacher || distillation.weight === 0) return { loss: ranking, terms: { ranking } };
    const target = gather(this.#teach(this.#teacher, batch.inputs));
    const distance = distillationLoss(features, target, {
      reduction: distillation.reduction,
      counted: labelledImages(batch),
    });
    const loss = tf.add<tf.Scalar>(ranking, tf.mul(distance, distillation.weight));
    return { loss, terms: { ranking, distillation: distance } };
  }

  #promptStep(batch: Batch, { gather }: StepContext): StepResult {
    const labels = this.#scaleLabels(this.#embedTask());
    const { logits } = this.#classify(partTokens(gather(this.#embedAtRest(batch.inputs))), labels);
    const ranking = this.rankingLoss(logits, batch);
    return { loss: ranking, terms: { ranking } };
  }

  #classify(image: ImageEmbeddings, labels: tf.Tensor2D): MktOutput {
    const streams = this.streams(image, labels);
    return { ...image, ...streams, logits: this.score(streams) };
  }

  /** Joined image embeddings [B, 1 + N, D], computed by the student in evaluation mode without a gradient. */
  #embedAtRest(inputs: tf.Tensor): tf.Tensor3D {
    const { student } = this;
    const wasTraining = student?.training ?? false;
    student?.eval();
    try {
      return withoutGradient(() => joinTokens(this.embedImages(inputs)));
    } finally {
      student?.train(wasTraining);
    }
  }

  #teach(teacher: Encoder, images: tf.Tensor): tf.Tensor2D {
    const { teacherNorm } = this.config.distillation;
    return withoutGradient(
      () => teacher.forward(teacherNorm === 'clip' ? withClipStatistics(images) : images).features,
    );
  }

  #embedTask(): tf.Tensor2D {
    return (this.prompt as Prompt).forward(this.#prompts as LabelPrompts);
  }

  #scaleLabels(labels: tf.Tensor2D): tf.Tensor2D {
    return this.config.normalizeLabels ? (l2Normalize(labels) as tf.Tensor2D) : labels;
  }
}

/** Without a head, the encoder's features are compared with the labels directly and need their width. */
function checkWidth(features: number, D: number): void {
  if (features === D) return;
  throw new OptionError({
    where: 'Mkt',
    argument: 'parts.features',
    expected: `${D}, the width of the label embeddings`,
    received: `${features}`,
    hint: 'localHead: mlp or shared projects features of any width to the space of the labels.',
  });
}

function checkParts(
  { teacher, classEmbeddings, textTower, tokenizer, prompts }: MktParts,
  { distillation, distil, prompt }: MktConfig,
): void {
  const refuse = (argument: string, expected: string): never => {
    throw new OptionError({ where: 'Mkt', argument, expected, received: 'nothing' });
  };
  if (!teacher && distillation.weight > 0 && distil.epochs > 0) {
    refuse('parts.teacher', 'a teacher, because distillation.weight is not 0');
  }
  if (!textTower && prompt.epochs > 0) refuse('parts.textTower', 'a text tower, because prompt.epochs is not 0');
  if (!textTower && !classEmbeddings) refuse('parts.textTower', 'a text tower, or parts.classEmbeddings instead');
  if (textTower && !tokenizer && !prompts) refuse('parts.tokenizer', 'a tokenizer, or parts.prompts instead');
}
