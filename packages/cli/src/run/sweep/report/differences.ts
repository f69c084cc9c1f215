import { type BootstrapInterval, pairedBootstrap } from '@ltml/metrics';
import { type Manifest, runFolder, type SweepRun } from '@ltml/recipes/node';
import { LtmlError, RandomStream } from '@ltml/tensor';
import { readRunScores } from '@ltml/train/node';

/**
 * By how much the mAP of the test images of a point differs from that of another, with a 95 % interval over images drawn with
 * replacement: the mean over the seeds that both have, of the difference and of both ends.
 *
 * @returns nothing where they have no seed in common, or other test images
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
    // All points of a seed meet the same draws.
    return pairedBootstrap(first, second, { random: new RandomStream(run.seed) }).total;
  } catch (error) {
    // Other test images, where an entry changes the data.
    if (LtmlError.is(error)) return undefined;
    throw error;
  }
}
