import type { LoaderState } from '@ltml/data';
import { DataError, NotSupportedError, OptionError, type RandomState } from '@ltml/tensor';
import type { Stage } from '@ltml/tensor/contract';
import * as z from 'zod';
import type { Cursor } from './observer.ts';
import type { SelectionState } from './selection.ts';
import type { EpochTotals } from './totals.ts';

/** What a checkpoint holds besides tensors: JSON, but for numbers that are not finite. */
export interface CheckpointState {
  /** Version of this form. */
  readonly version: 1;
  readonly cursor: Cursor;
  /** The streams of the run by name; see `RandomStreams.state`. */
  readonly random: Readonly<Record<string, RandomState>>;
  /** Of the loader of each stage, in their order. */
  readonly loaders: readonly LoaderState[];
  readonly selection: SelectionState;
  /** Loss and terms of the epoch so far, summed over images. */
  readonly totals: EpochTotals;
  /** Of the last evaluation, if there was one. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Names of the tensors under `optimizer`, so that one that is lost is missed. */
  readonly slots: readonly string[];
  /** Hash of the configuration that the run was started with. */
  readonly configHash?: string;
  /** The engine that computed it: only the same one goes on bit for bit. */
  readonly backend: string;
  /** Whether its steps ran as graphs of the engine, which also decides about the last bits. */
  readonly compiled: boolean;
}

const count = z.int().min(0);
const word = z.int().min(0).max(0xffffffff);
/** A loss term may be NaN or infinite. */
const anyNumber = z.custom<number>((value) => typeof value === 'number', 'expected a number');

const schema = z.strictObject({
  version: z.literal(1),
  cursor: z.strictObject({ stage: count, epoch: count, stageStep: count, step: count }),
  random: z.record(
    z.string(),
    z.tuple([word, word, word, word]).refine((words) => words.some((bits) => bits > 0), 'expected a word other than 0'),
  ),
  loaders: z.array(z.looseObject({ epoch: count, batch: count, sampler: z.unknown() })),
  selection: z.strictObject({ best: z.number().nullable(), bestStep: count, waited: count }),
  totals: z.strictObject({ images: count, loss: z.number(), terms: z.record(z.string(), anyNumber) }),
  metrics: z.record(z.string(), anyNumber).optional(),
  slots: z.array(z.string()),
  configHash: z.string().optional(),
  backend: z.string(),
  compiled: z.boolean(),
});

/** The run that goes on from a checkpoint, as far as its state must fit. */
export interface ResumingRun {
  readonly stages: readonly Pick<Stage, 'epochs'>[];
  /** Optimiser steps of each stage. */
  readonly stageSteps: readonly number[];
  /** Batches in an epoch of each stage. */
  readonly batches: readonly number[];
  /** Batches to an optimiser step. */
  readonly accumulate: number;
  /** Names of the random streams that are in use before the first step. */
  readonly streams: readonly string[];
  readonly configHash: string | undefined;
}

/**
 * Checks the state of a checkpoint against the run that is to go on from it, before anything of it is used.
 *
 * @param slots names of the optimiser's tensors in the checkpoint
 * @throws NotSupportedError for another form, OptionError for another configuration, else DataError naming the entry
 */
export function checkState(state: CheckpointState, slots: readonly string[], run: ResumingRun): void {
  if ((state as Partial<CheckpointState> | null)?.version !== 1) {
    throw new NotSupportedError({
      where: 'fit',
      argument: 'the checkpoint',
      expected: 'of form 1',
      received: `form ${(state as Partial<CheckpointState> | null)?.version}`,
      hint: 'Another version of @ltml/train wrote it.',
    });
  }
  const { error } = schema.safeParse(state);
  if (error) {
    const [{ path, message }] = error.issues;
    throw refusal(path.join('.'), 'as a run of this version writes it', `another value (${message})`);
  }
  checkConfigHash(state.configHash, run.configHash);
  checkPlaces(state, run);
  for (const name of run.streams) {
    if (!Object.hasOwn(state.random, name)) throw refusal(`random.${name}`, 'a stream of this run', 'nothing');
  }
  const missing = state.slots.find((name) => !slots.includes(name));
  if (missing !== undefined) throw refusal('slots', 'the tensors that are there', `the missing ${missing}`);
  const unexpected = slots.find((name) => !state.slots.includes(name));
  if (unexpected !== undefined) throw refusal('slots', 'the tensors that are there', `none called ${unexpected}`);
}

/** The numbers of a state as they stand to each other and to the run. */
function checkPlaces({ cursor, loaders, selection, totals }: CheckpointState, run: ResumingRun): void {
  const atMost = (entry: string, value: number, limit: number): void => {
    if (value > limit) throw refusal(entry, `at most ${limit} in this run`, `${value}`);
  };
  const { stage, epoch, stageStep, step } = cursor;
  atMost('cursor.stage', stage, run.stages.length - 1);
  atMost('cursor.epoch', epoch, run.stages[stage].epochs);
  atMost('cursor.stageStep', stageStep, run.stageSteps[stage]);
  atMost('cursor.stageStep', stageStep, step);
  const before = run.stageSteps.slice(0, stage).reduce((sum, steps) => sum + steps, 0);
  atMost('cursor.step', step, before + stageStep);
  if (loaders.length !== run.stages.length) {
    throw refusal('loaders', `of ${run.stages.length} stages`, `${loaders.length}`);
  }
  for (const [i, { batch }] of loaders.entries()) atMost(`loaders.${i}.batch`, batch, run.batches[i] - 1);
  if (loaders[stage].batch > 0 && totals.images === 0) {
    throw refusal('totals.images', 'those of the epoch that has begun', '0');
  }
  // An epoch that is trained and not evaluated stands at the first batch of the next. Batches of broken images are no steps.
  const done = loaders[stage].batch === 0 && totals.images > 0 ? run.batches[stage] : loaders[stage].batch;
  const stepsOf = (batches: number): number => Math.ceil(batches / run.accumulate);
  atMost('cursor.stageStep', stageStep, epoch * stepsOf(run.batches[stage]) + stepsOf(done));
  atMost('selection.bestStep', selection.bestStep, step);
}

function checkConfigHash(stored: string | undefined, hash: string | undefined): void {
  if (stored === hash) return;
  throw new OptionError({
    where: 'fit',
    argument: 'options.checkpoints.configHash',
    expected: `that of the checkpoint, ${stored}`,
    received: `${hash}`,
    hint: 'The configuration changed since the checkpoint was written: start a new run, or set it back.',
  });
}

/** What is said of a checkpoint that is intact and yet not one of this run. */
export function refusal(entry: string, expected: string, received: string, cause?: unknown): DataError {
  return new DataError({
    where: 'fit',
    argument: `the checkpoint's ${entry}`,
    expected,
    received,
    hint: 'The checkpoint was altered, or is of another run.',
    ...(cause !== undefined && { cause }),
  });
}

const notFinite: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** A state as JSON, with what that has no number for as text: a loss term may be infinite, a metric NaN. */
export function stateAsText(state: CheckpointState): string {
  return JSON.stringify(state, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? `${value}` : value,
  );
}

/** The inverse of {@link stateAsText}. @throws SyntaxError */
export function parseState(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) =>
    typeof value === 'string' && Object.hasOwn(notFinite, value) ? notFinite[value] : value,
  );
}
