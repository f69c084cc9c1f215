import type { LoaderState } from '@ltml/data';
import { DataError, NotSupportedError, OptionError, type RandomState } from '@ltml/tensor';
import type { Stage } from '@ltml/tensor/contract';
import * as z from 'zod';
import type { Cursor } from './observer.ts';
import type { SelectionState } from './selection.ts';
import type { EpochTotals } from './totals.ts';

/** Everything in a checkpoint except tensors. Plain JSON values, except that numbers may be NaN or infinite. */
export interface CheckpointState {
  /** Format version. */
  readonly version: 1;
  /** Progress of the run. */
  readonly cursor: Cursor;
  /** States of the run's random streams by name; see `RandomStreams.state`. */
  readonly random: Readonly<Record<string, RandomState>>;
  /** States of the loaders, one for each stage in order. */
  readonly loaders: readonly LoaderState[];
  /** State of the selection; its initial state if the run selects nothing. */
  readonly selection: SelectionState;
  /** Loss and terms of the epoch so far, summed over images. */
  readonly totals: EpochTotals;
  /** Metrics of the last evaluation, if there was one. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Names of the tensors under `optimizer`, so that a missing one is noticed. */
  readonly slots: readonly string[];
  /** Hash of the configuration that the run was started with. */
  readonly configHash?: string;
  /** The engine that computed it. Only the same engine continues with the same bits. */
  readonly backend: string;
  /** Whether steps were compiled, which also changes the last bits. */
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

/** The parts of the resuming run that a checkpoint must fit. */
export interface ResumingRun {
  readonly stages: readonly Pick<Stage, 'epochs'>[];
  /** Optimiser steps of each stage. */
  readonly stageSteps: readonly number[];
  /** Batches in an epoch of each stage. */
  readonly batches: readonly number[];
  /** Batches per optimiser step. */
  readonly accumulate: number;
  /** Names of the random streams that exist before the first step. */
  readonly streams: readonly string[];
  readonly configHash: string | undefined;
}

/**
 * Checks the state of a checkpoint against the run that will resume from it, before any of it is used.
 *
 * @param slots names of the optimiser's tensors in the checkpoint
 * @throws NotSupportedError for another format version
 * @throws OptionError for another configuration
 * @throws DataError otherwise, naming the entry
 */
export function checkState(state: CheckpointState, slots: readonly string[], run: ResumingRun): void {
  if ((state as Partial<CheckpointState> | null)?.version !== 1) {
    throw new NotSupportedError({
      where: 'fit',
      argument: 'the checkpoint',
      expected: 'of version 1',
      received: `version ${(state as Partial<CheckpointState> | null)?.version}`,
      hint: 'It was written by another version of @ltml/train.',
    });
  }
  const { error } = schema.safeParse(state);
  if (error) {
    const [{ path, message }] = error.issues;
    throw refusal(path.join('.'), 'as this version of @ltml/train writes it', `another value (${message})`);
  }
  checkConfigHash(state.configHash, run.configHash);
  checkPlaces(state, run);
  for (const name of run.streams) {
    if (!Object.hasOwn(state.random, name)) throw refusal(`random.${name}`, 'a stream of this run', 'nothing');
  }
  const missing = state.slots.find((name) => !slots.includes(name));
  if (missing !== undefined) throw refusal('slots', 'the tensors in the file', `the missing tensor ${missing}`);
  const unexpected = slots.find((name) => !state.slots.includes(name));
  if (unexpected !== undefined) throw refusal('slots', 'the tensors in the file', `no tensor ${unexpected}`);
}

/** Checks that counts in the state fit each other and the run. */
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
    throw refusal('totals.images', 'above 0, since the epoch has begun', '0');
  }
  // After the last batch, the loader already stands at the next epoch while this one is not evaluated yet. Batches with
  // broken images make no step.
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
    hint: 'The configuration has changed since the checkpoint was written. Start a new run, or restore the configuration.',
  });
}

/** The error for a checkpoint that is intact but does not belong to this run. */
export function refusal(entry: string, expected: string, received: string, cause?: unknown): DataError {
  return new DataError({
    where: 'fit',
    argument: `the checkpoint's ${entry}`,
    expected,
    received,
    hint: 'The checkpoint was altered, or belongs to another run.',
    ...(cause !== undefined && { cause }),
  });
}

const notFinite: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** A state as JSON text. NaN and infinities, e.g. of a loss term, are written as strings. */
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
