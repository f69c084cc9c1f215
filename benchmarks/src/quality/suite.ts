import type { Scores } from '@ltml/metrics';
import { classStatistics } from '@ltml/tensor/labels';
import { renderReport } from '../report/html.ts';
import { compareWithBaseline } from './differences.ts';
import { loadDigitsParts } from './digits-parts.ts';
import { describeEnvironment } from './environment.ts';
import { runMethod, type SuiteParts } from './method-run.ts';
import { baseline, type QualityMethod, type QualityMethodKey, qualityMethods } from './methods.ts';
import { protocols, type QualitySuite, type SuiteProtocol } from './protocol.ts';
import type { RunRecord, SuiteDescription } from './record.ts';
import { ResultsFolder, writeReport } from './results-folder.ts';
import { type MethodSummary, summarize } from './summary.ts';

/** How far a suite is. */
export interface SuiteProgress {
  /** In [0, 1], by the work that is left. */
  readonly done: number;
  /** What it is at, e.g. `BCE, seed 2`. */
  readonly at: string;
  /** A finished run, told once. */
  readonly run?: RunRecord;
}

export interface QualitySuiteOptions {
  readonly suite: QualitySuite;
  /** Where the results go. */
  readonly folder: string;
  /** Changes to the protocol, for trials; the record then says so. */
  readonly changes?: Partial<Pick<SuiteProtocol, 'seeds' | 'epochs' | 'views' | 'curveEvery'>>;
  /** Only these methods, and the baseline. */
  readonly methods?: readonly QualityMethodKey[];
  /** Default: `digits-lt` and the pretrained `resnet-tiny`. */
  readonly loadParts?: (protocol: SuiteProtocol, onProgress: (done: number) => void) => Promise<SuiteParts>;
  readonly onProgress?: (progress: SuiteProgress) => void;
}

export interface QualityResult {
  readonly description: SuiteDescription;
  readonly summaries: readonly MethodSummary[];
  readonly runs: readonly RunRecord[];
  /** Path of the HTML report. */
  readonly report: string;
}

/** Trains and compares all methods: one run for each method and seed, a record for each run, a report for all. */
export async function runQualitySuite(options: QualitySuiteOptions): Promise<QualityResult> {
  const { suite, changes, onProgress = () => {}, loadParts = loadDigitsParts } = options;
  const protocol: SuiteProtocol = { ...protocols[suite], ...changes };
  const keys = (Object.keys(qualityMethods) as QualityMethodKey[]).filter(
    (key) => key === baseline || (options.methods?.includes(key) ?? true),
  );
  const folder = new ResultsFolder(options.folder);
  const runCount = keys.length * protocol.seeds.length;
  // Features are cached once, which takes about as long as a few runs.
  const featureShare = protocol.views === null ? 0 : 3 / (runCount + 3);
  const parts = await loadParts(protocol, (done) => onProgress({ done: done * featureShare, at: 'features' }));
  const description = describeSuite(suite, protocol, keys, parts, changes !== undefined);
  const environment = describeEnvironment();
  const runs: RunRecord[] = [];
  const scores = new Map<QualityMethodKey, Scores[]>(keys.map((key) => [key, []]));
  for (const seed of protocol.seeds) {
    for (const key of keys) {
      const method: QualityMethod = qualityMethods[key];
      const at = `${method.title}, seed ${seed}`;
      let epoch = 0;
      const tell = (run?: RunRecord): void => {
        const done =
          featureShare + ((1 - featureShare) * (runs.length + (run ? 0 : epoch / protocol.epochs))) / runCount;
        onProgress({ done, at, ...(run && { run }) });
      };
      const learningRate = protocol.learningRates[key];
      const { scores: testScores, ...result } = await runMethod(method, parts, protocol, learningRate, seed, () => {
        epoch++;
        tell();
      });
      const run: RunRecord = {
        form: 1,
        suite,
        protocol: description.protocol,
        method: key,
        title: method.title,
        seed,
        settings: { loss: method.loss, sampler: method.sampler, learningRate },
        ...result,
        date: new Date().toISOString(),
        environment,
      };
      runs.push(run);
      scores.get(key)?.push(testScores);
      folder.addRun(run);
      tell(run);
    }
  }
  const differences = compareWithBaseline(scores, baseline, description.classCounts);
  const summaries = summarize(description, runs, differences);
  folder.writeSuite({ description, differences });
  return { description, summaries, runs, report: writeReport(folder.path, renderReport(description, summaries, runs)) };
}

function describeSuite(
  suite: QualitySuite,
  protocol: SuiteProtocol,
  keys: readonly QualityMethodKey[],
  { train, test }: SuiteParts,
  changed: boolean,
): SuiteDescription {
  const { epochs, batchSize, views, version } = protocol;
  const steps = epochs * Math.floor(train.labels.rows / batchSize);
  const network =
    views === null
      ? 'resnet-tiny, pretrained on digits in other inks, trained end to end'
      : `a linear head on the features of resnet-tiny, pretrained on digits in other inks and frozen; ${views} augmented views of each training image`;
  return {
    suite,
    protocol: changed ? `${version}, changed for a trial` : version,
    dataset: train.name.replace(/\/.*/, ''),
    classes: train.classes,
    classCounts: classStatistics(train.labels).classCounts,
    trainImages: train.labels.rows,
    testImages: test.labels.rows,
    notes: [
      `Every method trains ${network}.`,
      `Every method does ${steps} steps of ${batchSize} images with AdamW and a cosine schedule, whichever way its images are drawn.`,
      'Losses are set as published, the family of the Distribution-Balanced loss as for VOC-MLT, whose class counts these are.',
      protocol.learningRateNote,
      'The last step counts. No test image had a say in a setting or in the choice of a checkpoint.',
      'AP is not interpolated (scikit-learn’s definition); mAP is the mean over classes.',
    ],
    methods: keys.map((key) => {
      const { title, description, after }: QualityMethod = qualityMethods[key];
      return { key, title, description, ...(after !== undefined && { after }) };
    }),
    baseline,
  };
}
