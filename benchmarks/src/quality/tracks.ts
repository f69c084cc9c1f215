import { categoryPromptsTrack } from './category-prompts/track.ts';
import { longTailTrack } from './long-tail/track.ts';
import { openVocabularyTrack } from './open-vocabulary/track.ts';
import { partialLabelsTrack } from './partial-labels/track.ts';
import { pretrainedPromptsTrack } from './pretrained-prompts/track.ts';
import { singleLabelTrack } from './single-label/track.ts';
import type { Track, TrackChanges } from './track.ts';

/** The comparisons of each suite, in the order of report. */
export const suites = {
  quick: (changes?: TrackChanges): readonly Track[] => [
    longTailTrack('quick', changes),
    categoryPromptsTrack('quick', changes),
    { ...partialLabelsTrack('quick', changes), nativeOnly: true },
  ],
  full: (changes?: TrackChanges): readonly Track[] => [
    longTailTrack('full', changes),
    categoryPromptsTrack('full', changes),
    partialLabelsTrack('full', changes),
    openVocabularyTrack(changes),
    singleLabelTrack(changes),
    pretrainedPromptsTrack(changes),
  ],
} as const;

export type QualitySuite = keyof typeof suites;
