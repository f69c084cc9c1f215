/** The types that methods, encoders, data and training share. */

export type { StepResult } from '../gradients.ts';
export type { ClassStatistics } from '../labels/class-statistics.ts';
export type { Module, Parameter } from '../module.ts';
export type { Optimizer } from '../optim/optimizer.ts';
export type { Schedule } from '../optim/schedules.ts';
export type { RandomStreams } from '../random.ts';
export type { Batch, BatchInputs, LoadedBatch } from './batch.ts';
export type { Communicator } from './communicator.ts';
export type {
  AdaptableBlock,
  AdaptableEncoder,
  Branch,
  Encoder,
  EncoderOutput,
  EncodingName,
  MapEncoder,
  TokenEncoder,
} from './encoder.ts';
export type { LabelScorer, Learner, ScoreKind } from './learner.ts';
export type { Criterion, Method, MethodNeeds, MethodParts, StageOutline } from './method.ts';
export type { PictureStep, PictureSteps, PublishedPictures } from './published-pictures.ts';
export type { NamedParameter, Stage, StepContext } from './stage.ts';
export type { Task } from './task.ts';
export type { TextTokenizer, TextTower } from './text.ts';
export type { ViewSizes, Views } from './views.ts';
