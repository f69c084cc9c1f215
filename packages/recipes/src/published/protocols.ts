import {
  averagePrecision,
  countPredictions,
  interpolated,
  labelRankingReport,
  logitAtLeast,
  meanAveragePrecision,
  openImagesReport,
  type PrecisionRecallAtK,
  precisionRecall,
  type Scores,
  shotAccuracy,
  splitReport,
} from '@ltml/metrics';
import { DataError } from '@ltml/tensor';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import { ownClasses } from '../evaluation/own-classes.ts';

/** A run's scores of the test images. */
export interface MeasuredScores {
  readonly scores: Scores;
  /** Scores of only the unseen classes (those without training images), relative to each other. */
  readonly unseen?: Scores | undefined;
  readonly groups: FrequencyGroups;
}

/** Measures by name, as fractions; null if there is no class or image to measure. */
export type Measures = Readonly<Record<string, number | null>>;

/** How a paper measures the scores of the test images. */
type Protocol = (run: MeasuredScores) => Measures;

/** Names of protocols. */
export const protocolNames = [
  'average-precision',
  'partial-labels',
  'top-one',
  'label-ranking',
  'open-images',
] as const;

/** Name of a protocol. */
export type ProtocolName = (typeof protocolNames)[number];

/** Protocols by name, each with its source. */
export const protocols: Readonly<Record<ProtocolName, Protocol>> = {
  /** Wu et al. (ECCV 2020), section 4.1; Yan et al. (CPRFL, ACM MM 2024), section 4.1. */
  'average-precision'({ scores, groups }) {
    const { total, head, medium, tail } = splitReport(scores, groups, { emptyClasses: 'skip' });
    return finite({
      mAP: total.meanAveragePrecision,
      'mAP/head': head.meanAveragePrecision,
      'mAP/medium': medium.meanAveragePrecision,
      'mAP/tail': tail.meanAveragePrecision,
    });
  },
  /** Pu et al. (SARB, AAAI 2022), section 4.1, and their code. */
  'partial-labels'({ scores }) {
    const { overallF1, classF1 } = precisionRecall(countPredictions(scores, { decide: logitAtLeast(0) }));
    const perClass = averagePrecision(scores, { rule: interpolated, emptyClasses: 'skip' });
    return finite({ mAP: meanAveragePrecision(perClass), OF1: overallF1, CF1: classF1 });
  },
  /** Xuan and Zhang (DSCL, AAAI 2024), and their code. */
  'top-one'({ scores, groups }) {
    const { top1, head, medium, tail } = shotAccuracy(scores, ownClasses(scores), groups);
    return finite({ 'top-1': top1, many: head.top1, medium: medium.top1, few: tail.top1 });
  },
  /** He et al. (MKT, AAAI 2023), section 4.1: NUS-WIDE. */
  'label-ranking'({ scores, unseen }) {
    const k = [3, 5];
    const tracks = { zsl: labelRankingReport(among(unseen), { k }), gzsl: labelRankingReport(scores, { k }) };
    return finite({ ...rankings('zsl', tracks.zsl, k), ...rankings('gzsl', tracks.gzsl, k) });
  },
  /** He et al. (MKT, AAAI 2023), section 4.1: Open Images, by the rules of BiAM (ICCV 2021). */
  'open-images'({ scores, unseen }) {
    const k = [10, 20];
    const own = among(unseen);
    const all = (columns: number): number[] => Array.from({ length: columns }, (_, c) => c);
    const { zsl } = openImagesReport(own, { unseen: all(own.columns), k });
    const { gzsl } = openImagesReport(scores, { unseen: all(scores.columns), k });
    return finite({ ...rankings('zsl', zsl, k), ...rankings('gzsl', gzsl, k) });
  },
};

interface Ranking {
  readonly meanAveragePrecision: number;
  readonly atK: readonly PrecisionRecallAtK[];
}

function rankings(track: string, { meanAveragePrecision: mAP, atK }: Ranking, k: readonly number[]) {
  const entries = atK.flatMap(({ precision, recall, f1 }, i): [string, number][] => [
    [`${track}/P@${k[i]}`, precision],
    [`${track}/R@${k[i]}`, recall],
    [`${track}/F1@${k[i]}`, f1],
  ]);
  return Object.fromEntries([...entries, [`${track}/mAP`, mAP]]);
}

function finite(values: Readonly<Record<string, number | null>>): Measures {
  const known = (value: number | null): number | null => (Number.isNaN(value) ? null : value);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, known(value)]));
}

function among(unseen: Scores | undefined): Scores {
  if (unseen) return unseen;
  throw new DataError({
    where: 'protocols',
    argument: 'run',
    expected: 'with scores of unseen classes',
    received: 'none',
  });
}
