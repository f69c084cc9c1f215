import { type BootstrapInterval, pairedBootstrap } from '@ltml/metrics';
import { type Manifest, runFolder, type SweepRun } from '@ltml/recipes/node';
import { LtmlError, RandomStream } from '@ltml/tensor';
import { readRunScores } from '@ltml/train/node';

/**
 * The difference of a point's test mAP from that of a reference, with a 95 % paired bootstrap interval over images.
 * Difference and both ends are means over the seeds that both have.
 *
 * @returns undefined if they share no seed, or have different test images
 */
export function differenceTo(
  sweep: Manifest,
  reference: readonly SweepRun[],
  runs: readonly SweepRun[],
): BootstrapInterval | undefined {
  const intervals = runs.flatMap((run) => {
    const other = reference.find(({ seed }) => seed === run.seed);
    return other ? (intervalOf(sweep, other, run) ?? []) : [];
  });
  if (intervals.length === 0) return undefined;
  const mean = (end: keyof BootstrapInterval): number =>
    intervals.reduce((sum, interval) => sum + interval[end], 0) / intervals.length;
  return { difference: mean('difference'), low: mean('low'), high: mean('high') };
}

function intervalOf(sweep: Manifest, reference: SweepRun, run: SweepRun): BootstrapInterval | undefined {
  const [first, second] = [reference, run].map((own) => readRunScores(runFolder(sweep, own)).scores);
  try {
    // All points use the same resamples for a seed.
    return pairedBootstrap(first, second, { random: new RandomStream(run.seed) }).total;
  } catch (error) {
    // A setting may change the data, and so the test images.
    if (LtmlError.is(error)) return undefined;
    throw error;
  }
}
