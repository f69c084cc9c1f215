import { checkNumber, checkOptionNames } from '@ltml/tensor';
import type { EpochReport, Observer, RunPlan, StepReport } from '../observer.ts';

/** The part of a stream that {@link progress} uses. `process.stdout` has it. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Options of {@link progress}. */
export interface ProgressOptions {
  /** Default `process.stdout`. */
  readonly stream?: ProgressStream;
  /** Seconds between lines if the stream is not a terminal; default 10. */
  readonly interval?: number;
  /** Clock in seconds; for tests. */
  readonly now?: () => number;
}

/**
 * An observer that shows the progress of a run: on a terminal one line that is rewritten, elsewhere a line from time to
 * time; and a line for each epoch on both.
 */
export function progress(options: ProgressOptions = {}): Observer {
  checkOptionNames('progress', options, ['stream', 'interval', 'now']);
  const { stream = process.stdout, interval = 10, now = () => performance.now() / 1000 } = options;
  checkNumber('progress', 'options.interval', interval, { min: 0 });
  const terminal = stream.isTTY === true;
  const every = terminal ? 0.1 : interval;
  let plan: RunPlan | undefined;
  let start = 0;
  let shown = 0;
  let images = 0;
  const line = (text: string): void => {
    stream.write(terminal ? `\r\u001b[2K${text}\n` : `${text}\n`);
  };
  return {
    onStart(run) {
      plan = run;
      start = now();
      shown = start;
      images = 0;
      if (run.from.step > 0) line(`continues after step ${run.from.step} of ${run.totalSteps}`);
    },
    onStep(report) {
      images += report.images;
      if (!plan || now() - shown < every) return;
      shown = now();
      const text = stepLine(plan, report, images, now() - start);
      if (terminal) stream.write(`\r\u001b[2K${text.slice(0, (stream.columns ?? 80) - 1)}`);
      else line(text);
    },
    onEpoch(report) {
      line(epochLine(report));
    },
    onNote(message) {
      line(message);
    },
    onWarning(message) {
      line(`warning: ${message}`);
    },
  };
}

function stepLine(plan: RunPlan, report: StepReport, images: number, seconds: number): string {
  const done = report.step - plan.from.step;
  const left = ((plan.totalSteps - report.step) * seconds) / done;
  const rate = images / seconds;
  return (
    `${report.stage} epoch ${report.epoch + 1}  step ${report.step}/${plan.totalSteps}  loss ${report.loss.toFixed(4)}  ` +
    `${rate.toFixed(rate < 10 ? 1 : 0)} images/s  ${formatSeconds(left)} left`
  );
}

function epochLine({ stage, epoch, loss, metrics = {}, seconds }: EpochReport): string {
  // A metric is NaN where it is not defined, e.g. mAP of classes without positives.
  const text = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(4));
  const values = Object.entries(metrics).map(([name, value]) => `  ${name} ${text(value)}`);
  return `${stage} epoch ${epoch + 1}  loss ${loss.toFixed(4)}${values.join('')}  ${formatSeconds(seconds)}`;
}

/** E.g. `42 s`, `3 min 05 s`, `2 h 07 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const pad = (n: number): string => `${n}`.padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} min`;
}
