import { z } from 'zod';
import type { RunRecord, TrackRecord } from './record.ts';
import type { Differences } from './summary.ts';

/** What of a track is stored besides its runs. */
export interface StoredTrack {
  readonly track: TrackRecord;
  readonly differences: Differences;
}

/** JSON has no NaN, the score of a class without an image: it is stored as null. */
const score = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const measures = z.record(z.string(), score);
const count = z.int().nonnegative();

/** The form of a run's file. */
export const runSchema: z.ZodType<RunRecord> = z.object({
  form: z.literal(2),
  suite: z.string(),
  track: z.string(),
  protocol: z.string(),
  method: z.string(),
  title: z.string(),
  seed: count,
  measures,
  perClass: z.array(score),
  curve: z.array(z.object({ step: count, loss: score, measures })),
  seconds: z.number().nonnegative(),
  settings: z.record(z.string(), z.unknown()),
  date: z.string(),
  environment: z.object({
    engine: z.string(),
    node: z.string(),
    platform: z.string(),
    cpu: z.string(),
    threads: count,
    versions: z.record(z.string(), z.string()),
    commit: z.string().nullable(),
  }),
});

const methodSchema = z.object({
  title: z.string(),
  description: z.string(),
  after: z.string().exactOptional(),
  against: z.string().exactOptional(),
});

const trackSchema = z
  .object({
    key: z.string(),
    title: z.string(),
    question: z.string(),
    protocol: z.string(),
    seeds: z.array(count).min(1),
    measures: z.array(z.object({ key: z.string(), title: z.string() })).min(1),
    series: z
      .object({
        title: z.string(),
        axis: z.string(),
        points: z.array(z.object({ at: z.number(), measure: z.string() })),
      })
      .exactOptional(),
    methods: z.record(z.string(), methodSchema),
    baseline: z.string(),
    notes: z.array(z.string()),
    dataset: z.string(),
    classes: z.array(z.string()).min(1),
    classCounts: z.array(count),
    trainImages: count,
    testImages: count,
  })
  .refine(({ classes, classCounts }) => classes.length === classCounts.length, 'another number of classes than counts')
  .refine(({ methods, baseline }) => Object.hasOwn(methods, baseline), 'a baseline that is none of its methods')
  .refine(
    ({ methods }) =>
      Object.values(methods)
        .flatMap(({ after, against }) => [after, against])
        .every((name) => name === undefined || Object.hasOwn(methods, name)),
    'a method that is compared with none of its methods',
  )
  .refine(
    ({ measures: own, series }) =>
      series?.points.every(({ measure }) => own.some(({ key }) => key === measure)) ?? true,
    'a series of none of its measures',
  );

const interval = z.object({ difference: score, low: score, high: score });

/** The form of `suite.json`. */
export const storedTracksSchema: z.ZodType<readonly StoredTrack[]> = z.array(
  z.object({ track: trackSchema, differences: z.record(z.string(), z.record(z.string(), interval)) }),
);
