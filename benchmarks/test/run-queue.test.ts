import { describe, expect, it } from 'vitest';
import type { PlannedRun } from '../src/suites/planned-run.ts';
import { RunMeter } from '../src/suites/run-meter.ts';
import { RunQueue } from '../src/suites/run-queue.ts';

/** Runs of suites `a`, `b`, …: how many there are of each and how long one takes. */
function runsOf(...suites: readonly [count: number, seconds: number][]): PlannedRun[] {
  return suites.flatMap(([count, seconds], i) =>
    Array.from({ length: count }, (_, run) => {
      const group = String.fromCharCode(97 + i);
      return { group, row: String(run), folder: `${group}/${run}`, suite: { seconds } } as unknown as PlannedRun;
    }),
  );
}

const needing = (run: PlannedRun, needs: PlannedRun): PlannedRun => ({ ...run, needs: needs.folder });

describe('RunQueue', () => {
  it('gives every run out once', async () => {
    const runs = runsOf([2, 1], [3, 1]);
    const queue = new RunQueue(runs);
    const taken: PlannedRun[] = [];
    for (let run = await queue.take(); run; run = await queue.take(run)) {
      taken.push(run);
      queue.finish(run);
    }
    expect(taken).toHaveLength(5);
    expect(new Set(taken)).toEqual(new Set(runs));
  });

  it('keeps who works on a suite at it, and spreads them over suites by what is left', async () => {
    const queue = new RunQueue(runsOf([4, 10], [2, 15], [1, 9]));
    const first = await queue.take();
    const second = await queue.take();
    expect([first?.folder, second?.folder]).toEqual(['a/0', 'b/0']);
    queue.finish(second as PlannedRun);
    const third = await queue.take(second);
    expect(third?.folder).toBe('b/1');
    queue.finish(third as PlannedRun);
    // 30 s of a are left for two; 9 of c for one.
    expect((await queue.take(third))?.folder).toBe('a/1');
  });

  it('holds a run back until the run that it needs has finished', async () => {
    const [first, second, third] = runsOf([3, 1]);
    const queue = new RunQueue([first, needing(second, first), needing(third, first)]);
    expect(await queue.take()).toBe(first);
    const waiting = queue.take();
    const early = await Promise.race([waiting, new Promise((resolve) => setImmediate(resolve, 'waits'))]);
    expect(early).toBe('waits');
    queue.finish(first);
    expect((await waiting)?.row).toBe('1');
  });

  it('lets go what needs a run that failed', async () => {
    const [first, second, third] = runsOf([3, 1]);
    const queue = new RunQueue([first, needing(second, first), third]);
    await queue.take();
    expect(queue.fail(first).map(({ row }) => row)).toEqual(['1']);
    expect(await queue.take()).toBe(third);
    expect(await queue.take()).toBeUndefined();
  });
});

describe('RunMeter', () => {
  it('counts runs by their guess, then by what they took', () => {
    const [first, second, slow] = runsOf([2, 10], [1, 20]);
    const meter = new RunMeter([first, second, slow]);
    expect(meter.done).toBe(0);
    expect(meter.at(first, 0.5)).toBeCloseTo(5 / 40);
    meter.finish(first, 5);
    // Twice as fast as guessed, and so will the other suite be.
    expect(meter.done).toBeCloseTo(5 / 20);
    meter.finish(slow, 30);
    expect(meter.done).toBeCloseTo(35 / 40);
    meter.finish(second, 7);
    expect(meter.done).toBe(1);
  });

  it('forgets what is not done', () => {
    const [first, second] = runsOf([2, 10]);
    const meter = new RunMeter([first, second]);
    meter.at(first, 0.9);
    meter.drop(first);
    expect(meter.done).toBe(0);
    meter.drop(second);
    expect(meter.done).toBe(1);
  });
});
