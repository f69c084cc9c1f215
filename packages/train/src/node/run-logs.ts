import { join } from 'node:path';
import type { Observer } from '../observer.ts';
import { MetricsLog } from './metrics-log.ts';
import { cutTornRecords, EventWriter } from './tensorboard.ts';

/**
 * The logs of a run. They are opened when training starts, since only then it is known after which step to cut them.
 */
export function openLogs(
  path: string,
  claim: () => Promise<void>,
  onWarning: (message: string) => void,
): { observer: Observer; close(): void } {
  let metrics: MetricsLog | undefined;
  let events: EventWriter | undefined;
  return {
    observer: {
      async onStart({ from }) {
        await claim();
        const file = join(path, 'metrics.jsonl');
        metrics = await MetricsLog.open(file, from.step);
        if (metrics.steps !== from.step) {
          onWarning(`${file} has only ${metrics.steps} of the ${from.step} steps so far; lines are missing`);
        }
        cutTornRecords(path);
        events = new EventWriter(path, from.step);
      },
      onStep(report) {
        const { step, loss, terms, learningRateFactor, gradientNorm } = report;
        metrics?.write({ kind: 'step', ...report });
        events?.scalars(step, {
          'train/loss': loss,
          ...withPrefix('train', terms),
          'train/learningRateFactor': learningRateFactor,
          ...(gradientNorm !== undefined && { 'train/gradientNorm': gradientNorm }),
        });
      },
      onEpoch(report) {
        metrics?.write({ kind: 'epoch', ...report });
        events?.scalars(report.step, { 'epoch/loss': report.loss, ...withPrefix('validation', report.metrics ?? {}) });
      },
    },
    close() {
      metrics?.close();
      events?.close();
      metrics = undefined;
      events = undefined;
    },
  };
}

function withPrefix(prefix: string, values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}/${name}`, value]));
}
