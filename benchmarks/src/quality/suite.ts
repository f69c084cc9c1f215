import { renderReport } from '../report/html.ts';
import { DifferencesOfRuns, referenceOf } from './differences.ts';
import { describeEnvironment } from './environment.ts';
import type { RunRecord, TrackRecord } from './record.ts';
import { ResultsFolder, type RunKey, writeReport } from './results-folder.ts';
import type { StoredTrack } from './stored-form.ts';
import { type MethodSummary, summarize } from './summary.ts';
import type { Track, TrackParts, TrackRun } from './track.ts';

/** How far a suite is. */
export interface SuiteProgress {
  /** In [0, 1], by the work that is left. */
  readonly done: number;
  /** What it is at, e.g. `BCE, seed 2`. */
  readonly at: string;
  /** A finished run, told once. */
  readonly run?: RunRecord;
  /** Whether that run was in the folder already. */
  readonly already?: boolean;
}

export interface QualitySuiteOptions {
  /** What the records call it. */
  readonly suite: string;
  readonly tracks: readonly Track[];
  /** Where the results go. */
  readonly folder: string;
  /** Only these methods, and the baseline of their track. */
  readonly methods?: readonly string[];
  readonly onProgress?: (progress: SuiteProgress) => void;
}

/** A track with the runs of its methods put together. */
export interface TrackResult {
  readonly track: TrackRecord;
  readonly summaries: readonly MethodSummary[];
}

export interface QualityResult {
  readonly tracks: readonly TrackResult[];
  readonly runs: readonly RunRecord[];
  /** Path of the HTML report. */
  readonly report: string;
}

/**
 * Trains and compares all methods of all tracks: a run for each method and seed, a record for each run, one report.
 *
 * A run that is in the folder already, with the same protocol, engine and versions, is not done again: a suite that was
 * stopped goes on after its last finished run.
 */
export async function runQualitySuite(options: QualitySuiteOptions): Promise<QualityResult> {
  const { suite, onProgress = () => {} } = options;
  const folder = await ResultsFolder.open(options.folder);
  const before = folder.findSuite();
  const environment = describeEnvironment();
  const chosen = options.tracks
    .map((track) => chooseMethods(track, options.methods))
    .filter(({ keys }) => keys.length > 0);
  const keyOf = (track: Track, method: string, seed: number): RunKey => {
    const { title } = track.methods[method];
    return { form: 2, suite, track: track.key, protocol: track.protocol, method, title, seed, environment };
  };
  // What is there already takes no time.
  const costOf = ({ track, keys }: ChosenTrack): number => {
    const { cost, seeds } = track;
    const missing = seeds.flatMap((seed) => keys.filter((key) => !folder.findRun(keyOf(track, key, seed))));
    return cost.load + cost.run * missing.length;
  };
  const whole = chosen.reduce((sum, each) => sum + costOf(each), 0);
  let spent = 0;
  const runs: RunRecord[] = [];
  const stored: StoredTrack[] = [];
  for (const { track, keys } of chosen) {
    const { cost, load, nativeOnly: _, ...description } = track;
    const tell = (part: number, at: string, run?: Pick<SuiteProgress, 'run' | 'already'>): void =>
      onProgress({ done: Math.min(1, (spent + part) / whole), at, ...run });
    const parts = await load((done) => tell(done * cost.load, `${track.title}: data`));
    spent += cost.load;
    const record = recordOf(description, keys, parts);
    const differences = new DifferencesOfRuns(track, parts);
    for (const seed of track.seeds) {
      for (const key of keys) {
        const runKey = keyOf(track, key, seed);
        const at = `${runKey.title}, seed ${seed}`;
        const found = folder.findRun(runKey);
        const result = found
          ? { ...found.record, outputs: found.outputs }
          : await parts.run(key, seed, (done) => tell(done * cost.run, at));
        const run = found?.record ?? recordOfRun(runKey, result);
        if (!found) spent += cost.run;
        runs.push(run);
        differences.add(key, seed, result);
        if (!found) await folder.addRun({ record: run, outputs: result.outputs });
        // After each run: a suite that is stopped leaves what a report of it needs, of later tracks what it found.
        const sofar = [...stored, { track: record, differences: differences.current }];
        const later = before.filter((old) => !sofar.some((own) => own.track.key === old.track.key));
        await folder.writeSuite([...sofar, ...later]);
        tell(0, at, { run, already: found !== undefined });
      }
    }
    stored.push({ track: record, differences: differences.current });
  }
  await folder.writeSuite(stored);
  const tracks = stored.map(({ track, differences }) => ({ track, summaries: summarize(track, runs, differences) }));
  return { tracks, runs, report: await writeReport(folder.path, renderReport(tracks, runs)) };
}

function recordOfRun(key: RunKey, { measures, perClass, curve, seconds, settings }: TrackRun): RunRecord {
  return { ...key, measures, perClass, curve, seconds, settings, date: new Date().toISOString() };
}

interface ChosenTrack {
  readonly track: Track;
  readonly keys: readonly string[];
}

/** The methods of a track that are wanted, with those that they are compared with; none if none of its own is. */
function chooseMethods(track: Track, wanted: readonly string[] | undefined): ChosenTrack {
  const keys = Object.keys(track.methods);
  if (!wanted) return { track, keys };
  const own = new Set(keys.filter((key) => wanted.includes(key)));
  for (const key of own) own.add(referenceOf(track, key) ?? key);
  return { track, keys: keys.filter((key) => own.has(key)) };
}

function recordOf(
  description: Omit<Track, 'cost' | 'load'>,
  keys: readonly string[],
  { dataset, classes, classCounts, trainImages, testImages }: TrackParts,
): TrackRecord {
  const methods = keys.map((key) => {
    const { title, description: text, after, against } = description.methods[key];
    const related = { ...(after !== undefined && { after }), ...(against !== undefined && { against }) };
    return [key, { title, description: text, ...related }] as const;
  });
  return {
    ...description,
    methods: Object.fromEntries(methods),
    dataset,
    classes,
    classCounts,
    trainImages,
    testImages,
  };
}
