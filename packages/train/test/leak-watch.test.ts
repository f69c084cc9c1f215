import { LeakWatch } from '@ltml/train';
import { describe, expect, it } from 'vitest';

const warnings = (counts: number[]) => {
  const watch = new LeakWatch();
  return counts.map((count) => watch.record(count)).filter(Boolean).length;
};
const steps = (length: number, count: (step: number) => number) => Array.from({ length }, (_, step) => count(step));

describe('LeakWatch', () => {
  it('says nothing of a constant count, nor of one that swings', () => {
    expect(warnings(steps(500, () => 40))).toBe(0);
    expect(warnings(steps(500, (step) => 40 + ((step * 7) % 13)))).toBe(0);
  });

  it('says nothing of slots that are made at the first steps', () => {
    expect(warnings(steps(500, (step) => (step < 15 ? 40 + step : 55)))).toBe(0);
  });

  it('warns once of one tensor a step, under any swing', () => {
    expect(warnings(steps(500, (step) => 40 + step))).toBe(1);
    expect(warnings(steps(500, (step) => 40 + step + 3 * (step % 5)))).toBe(1);
  });

  it('warns of one tensor every tenth step', () => {
    expect(warnings(steps(500, (step) => 40 + Math.floor(step / 10)))).toBe(1);
  });
});
