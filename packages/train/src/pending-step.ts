import { DataError } from '@ltml/tensor';
import type { StepReport } from './observer.ts';
import type { StepNumbers } from './scalars.ts';

/** A finished step whose loss is still being read from the device. */
export interface PendingStep {
  readonly about: Omit<StepReport, keyof StepNumbers>;
  /** Indices of the step's images in the data set. */
  readonly indices: readonly number[];
  readonly numbers: Promise<StepNumbers>;
}

/** Waits for the numbers of a step. @throws DataError if the loss is not finite */
export async function settled({ about, indices, numbers }: PendingStep): Promise<StepReport> {
  const report = { ...about, ...(await numbers) };
  if (Number.isFinite(report.loss)) return report;
  const shown = indices.slice(0, 64).join(', ') + (indices.length > 64 ? ', …' : '');
  throw new DataError({
    where: 'fit',
    argument: `the loss of stage "${report.stage}", epoch ${report.epoch}, step ${report.step}`,
    expected: 'finite',
    received: `${report.loss} from the images ${shown}`,
    hint: 'Look for wrong inputs among these images. Otherwise try a lower learning rate, or set maxGradientNorm.',
  });
}
