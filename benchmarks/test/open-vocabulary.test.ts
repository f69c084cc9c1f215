import { beforeAll, describe, expect, it } from 'vitest';
import { openVocabularyTrack } from '../src/quality/open-vocabulary/track.ts';
import type { TrackParts } from '../src/quality/track.ts';

describe('the track of labels that were never seen', () => {
  let parts: TrackParts;
  beforeAll(async () => {
    parts = await openVocabularyTrack().load(() => {});
  });

  it('has no training image of ten of its thirty classes', () => {
    expect(parts.classes.length).toBe(30);
    expect(parts.classCounts.slice(0, 20).every((count) => count > 0)).toBe(true);
    expect(parts.classes.slice(20).every((name) => name.startsWith('green'))).toBe(true);
    expect(parts.classCounts.slice(20)).toEqual(Array.from({ length: 10 }, () => 0));
  });

  it('scores the teacher on both tracks, and compares runs of them', async () => {
    const run = await parts.run('teacher', 1, () => {});
    expect(run.outputs.zsl.columns).toBe(10);
    expect(run.outputs.gzsl.columns).toBe(30);
    expect(run.perClass.length).toBe(30);
    expect(run.measures.zsl).toBeGreaterThan(0.85);
    expect(run.measures.gzsl).toBeGreaterThan(0.9);
    const same = parts.compare(run, run, 1);
    for (const track of ['zsl', 'gzsl']) expect(same[track]).toEqual({ difference: 0, low: 0, high: 0 });
  });
});
