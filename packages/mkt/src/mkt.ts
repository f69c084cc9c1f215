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
 * What MKT is put together from. The classes of the task, those seen in training, come as texts, by a tower that reads the
 * prompts around their names, or as fixed `classEmbeddings` [C, D], around which no prompt can be tuned.
 *
 * The teacher is a CLIP's image tower: its embedding is what the student's should be.
 */
export interface MktParts
  extends Pick<MethodParts, 'features' | 'teacher' | 'classEmbeddings' | 'textTower' | 'tokenizer'> {
  /** The student. Left out when the inputs are tokens already, [B, 1 + N, W]. */
  readonly encoder?: Student;
  /** In place of those that the tokenizer makes of the names of the classes. */
  readonly prompts?: LabelPrompts;
}

/** What lies between images and scores. Axes: B images, N patches, D features, C classes. */
export type MktOutput = ImageEmbeddings & Streams & { readonly logits: tf.Tensor2D };

/**
 * Open-vocabulary classification: images and labels meet in the space of a CLIP, so that any text is a class.
 *
 * First the student learns from its labels by a ranking loss and from a CLIP by distillation, against fixed embeddings of
 * the seen labels; then the student rests, and the words around the labels are tuned.
 *
 * Without epochs in either stage there is nothing to train: the student as it is finds classes by their texts.
 *
 * Images without a known positive take no part in a step. An engine can't leave a step out: of a batch without any positive
 * the loss is 0, and AdamW goes on by its momentum. Batch norms of the student, of which the published ones have none, keep
 * the statistics that they were pretrained with, which the teacher's space hangs on.
 *
 * State names: `student.…`, `head.…` (see {@link TwoStreamHead}), `prompt.…` (see {@link Prompt}), `labels`, the embeddings
 * of the task's classes.
 *
 * Source: He et al., AAAI 2023, and their code; see the README for where both differ.
 */
export class Mkt extends Module implements Learner {
  readonly student: Student | undefined;
  readonly head: TwoStreamHead | undefined;
  readonly prompt: Prompt | undefined;
  readonly stages: readonly Stage[];
  /** A score of a label alone means nothing: each stream is scaled over the labels that are asked for. */
  readonly scores = 'relative' as const;
  readonly config: MktConfig;
  readonly #teacher: Encoder | undefined;
  readonly #prompts: LabelPrompts | undefined;
  readonly #tokenizer: TextTokenizer | undefined;
  /** [C, D] embeddings of the task's classes, by the prompt as it was when {@link readLabels} was called last. */
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

  /** Images, or tokens where there is no student, in the space of the labels. */
  embedImages(inputs: tf.Tensor): ImageEmbeddings {
    return tf.tidy(() => this.#embedTokens(studentTokens(this.student, inputs)));
  }

  #embedTokens(tokens: ImageEmbeddings): ImageEmbeddings {
    return this.head ? this.head.forward(tokens) : tokens;
  }

  /**
   * Embeddings of any labels, by the tuned prompt. Cut long lists: the text tower reads all of them at once.
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
      expected: 'given, to read labels',
      received: 'nothing',
    });
  }

  /** Scores [B, C] of any classes by their embeddings [C, D], relative to each other. */
  predictClasses(inputs: tf.Tensor, embeddings: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => this.score(this.streams(this.embedImages(inputs), this.#scaleLabels(embeddings))));
  }

  /** Both streams for any labels, [C, D] each row an embedding. */
  streams(image: ImageEmbeddings, labels: tf.Tensor2D): Streams {
    return labelStreams(image, labels, { topK: this.config.topK });
  }

  /** Scores [B, C] from streams over the classes that are asked for. */
  score(streams: Streams): tf.Tensor2D {
    const { combine, normalizeScores } = this.config;
    return combineStreams(streams, { combine, normalize: normalizeScores });
  }

  /** The ranking loss of scores [B, C] as both stages take it: of the images that have a known positive. */
  rankingLoss(scores: tf.Tensor2D, batch: Pick<Batch, 'labels' | 'known'>): tf.Scalar {
    return batchRankingLoss(scores, batch, this.config.ranking);
  }

  /** Scores of the task's classes, and what they come from. */
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

  /** How alike each patch is to each class. */
  evidence(inputs: tf.Tensor): tf.Tensor4D {
    return this.#evidence(inputs, this.labels.variable as tf.Tensor2D);
  }

  #evidence(inputs: tf.Tensor, embedded: tf.Tensor2D): tf.Tensor4D {
    return tf.tidy(() => {
      const similarity = tf.transpose(localEvidence(this.embedImages(inputs), embedded), [0, 2, 1]);
      const [B, C, N] = similarity.shape;
      // Patches are those of a square image, or in one row.
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
      expected: 'given, to read labels',
      received: 'nothing',
    });
  }

  /**
   * Reads the classes of the task anew, by the prompt as it is. The stage `prompt` does so before each evaluation; call it
   * where you change the prompt yourself.
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

  /** Image embeddings, joined, by the student in evaluation mode, without gradient. */
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

/** Without a head the encoder's own features are compared with the labels. */
function checkWidth(features: number, D: number): void {
  if (features === D) return;
  throw new OptionError({
    where: 'Mkt',
    argument: 'parts.features',
    expected: `${D}, as label embeddings have it`,
    received: `${features}`,
    hint: 'localHead: mlp or shared brings features of any width to the space of the labels.',
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
    refuse('parts.teacher', 'given, since distillation.weight is not 0');
  }
  if (!textTower && prompt.epochs > 0) refuse('parts.textTower', 'given, since prompt.epochs is not 0');
  if (!textTower && !classEmbeddings) refuse('parts.textTower', 'given, or parts.classEmbeddings in its place');
  if (textTower && !tokenizer && !prompts) refuse('parts.tokenizer', 'given, or parts.prompts in its place');
}
