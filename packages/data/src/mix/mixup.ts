import type { Mix } from './mix.ts';
import { mixLabels, type Pair } from './mix-labels.ts';
import { checkMixOptions, type MixOptions } from './mix-options.ts';
import { symmetricBeta } from './symmetric-beta.ts';

/**
 * Mixup: λ·x + (1 − λ)·x′ of each image and another image of the batch, with λ from Beta(α, α); labels are mixed in the
 * same way. A mixed label is known if both labels are known, or if the unknown one has share 0.
 *
 * Each image draws its own λ and its own partner, uniformly among all rows including itself. (The authors' code draws
 * one λ and one permutation for a batch.)
 *
 * Source: Zhang et al., ICLR 2018. `alpha` is 0.2 by default, from their range 0.1 … 0.4 for ImageNet; they use 1 for
 * CIFAR.
 *
 * @throws OptionError
 */
export function mixup(options: MixOptions = {}): Mix {
  const { alpha, probability } = checkMixOptions('mixup', options, 0.2);
  return (batch, streamOf, into = new Float32Array(batch.values.length)) => {
    const { rows } = batch;
    const pairs = Array.from({ length: rows }, (_, row): Pair => {
      const random = streamOf(row);
      if (random.uniform() >= probability) return { partner: row, share: 1 };
      const partner = random.integer(rows);
      return { partner, share: partner === row ? 1 : symmetricBeta(alpha, random) };
    });
    blend(batch.values, pairs, into);
    return { ...batch, values: into, ...mixLabels(batch, pairs) };
  };
}

function blend(values: Float32Array, pairs: readonly Pair[], mixed: Float32Array): void {
  const size = values.length / pairs.length;
  mixed.set(values);
  for (const [row, { partner, share }] of pairs.entries()) {
    if (share === 1) continue;
    const [own, other] = [row * size, partner * size];
    for (let i = 0; i < size; i++) mixed[own + i] = share * values[own + i] + (1 - share) * values[other + i];
  }
}
