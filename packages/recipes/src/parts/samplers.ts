import { ClassAwareSampler, ClassBalancedSampler, indexByClass, type Sampler, UniformSampler } from '@ltml/data';
import type { RandomStream } from '@ltml/tensor';
import type { SparseLabels } from '@ltml/tensor/labels';
import * as z from 'zod';
import { type PartKind, part, partKind } from './part.ts';

interface SamplerContext {
  readonly labels: SparseLabels;
  readonly random: RandomStream;
}

/** Samplers by name. */
export const samplers: PartKind<SamplerContext, Sampler> = partKind({
  uniform: part(
    {},
    (_, { labels, random }: SamplerContext): Sampler => new UniformSampler({ length: labels.rows, random }),
  ),
  'class-aware': part(
    {
      numSamplesPerClass: z.int().positive().max(1e6).optional(),
      reduce: z.number().positive().optional(),
      epochLength: z.int().positive().max(1e8).optional(),
      iid: z.boolean().optional(),
    },
    (options, { labels, random }: SamplerContext): Sampler =>
      new ClassAwareSampler({ ...options, indexByClass: indexByClass(labels), random }),
  ),
  'class-balanced': part(
    { epochLength: z.int().positive().max(1e8).optional() },
    (options, { labels, random }: SamplerContext): Sampler =>
      new ClassBalancedSampler({ ...options, indexByClass: indexByClass(labels), random }),
  ),
});
