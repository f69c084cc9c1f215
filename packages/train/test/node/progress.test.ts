import type { EpochReport, RunPlan, StepReport } from '@ltml/train';
import { formatSeconds, progress } from '@ltml/train/node';
import { describe, expect, it } from 'vitest';

const plan: RunPlan = {
  stages: [{ name: 'head', epochs: 2, steps: 100 }],
  totalSteps: 200,
  from: { stage: 0, epoch: 0, stageStep: 0, step: 0 },
};
const step = (n: number): StepReport => ({
  stage: 'head',
  epoch: 0,
  step: n,
  loss: 0.5,
  terms: {},
  learningRateFactor: 1,
  images: 32,
});
const epoch: EpochReport = {
  stage: 'head',
  epoch: 0,
  step: 100,
  loss: 0.25,
  terms: {},
  metrics: { mAP: 0.5, 'mAP/tail': Number.NaN },
  seconds: 3,
};

/** Tells a run of one step a second to a progress line, and gives what it wrote. */
function written(isTTY: boolean, steps: number, from = 0, columns = 100): string[] {
  const texts: string[] = [];
  let time = 0;
  const observer = progress({
    stream: { isTTY, columns, write: (text) => texts.push(text) },
    now: () => time,
  });
  observer.onStart?.({ ...plan, from: { ...plan.from, step: from } });
  for (let n = from + 1; n <= from + steps; n++) {
    time++;
    observer.onStep?.(step(n));
  }
  observer.onEpoch?.(epoch);
  return texts;
}

describe('progress', () => {
  it('writes a plain line every ten seconds and one for each epoch where there is no terminal', () => {
    expect(written(false, 25)).toEqual([
      'head epoch 1  step 10/200  loss 0.5000  32 images/s  3 min 10 s left\n',
      'head epoch 1  step 20/200  loss 0.5000  32 images/s  3 min 00 s left\n',
      'head epoch 1  loss 0.2500  mAP 0.5000  mAP/tail –  3 s\n',
    ]);
  });

  it('rewrites one line on a terminal, no wider than it is', () => {
    const texts = written(true, 3, 0, 30);
    expect(texts.length).toBe(4);
    for (const text of texts.slice(0, 3)) {
      expect([text.slice(0, 5), text.length]).toEqual(['\r\u001b[2K', 5 + 29]);
    }
    expect(texts[3]).toBe('\r\u001b[2Khead epoch 1  loss 0.2500  mAP 0.5000  mAP/tail –  3 s\n');
  });

  it('reckons rate and time left from the steps of this process', () => {
    expect(written(false, 10, 100).slice(0, 2)).toEqual([
      'continues after step 100 of 200\n',
      'head epoch 1  step 110/200  loss 0.5000  32 images/s  1 min 30 s left\n',
    ]);
  });
});

describe('progress', () => {
  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '10'])('refuses an interval of %s', (interval) => {
    expect(() => progress({ interval: interval as number })).toThrow(/options.interval should be a finite number ≥ 0/);
    expect(() => progress({ every: 3 } as never)).toThrow(/unknown option "every"/);
  });
});

describe('formatSeconds', () => {
  it.each([
    [0.4, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [185, '3 min 05 s'],
    [7620, '2 h 07 min'],
  ])('shows %d as %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));
});
