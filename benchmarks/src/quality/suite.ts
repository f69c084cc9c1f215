import { renderReport } from '../report/html.ts';
import { compareMethods, referenceOf } from './differences.ts';
import { describeEnvironment } from './environment.ts';
import type { RunRecord, TrackRecord } from './record.ts';
import { ResultsFolder, type StoredTrack, writeReport } from './results-folder.ts';
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

/** Trains and compares all methods of all tracks: a run for each method and seed, a record for each run, one report. */
export async function runQualitySuite(options: QualitySuiteOptions): Promise<QualityResult> {
  const { suite, onProgress = () => {} } = options;
  const folder = new ResultsFolder(options.folder);
  const environment = describeEnvironment();
  const chosen = options.tracks
    .map((track) => chooseMethods(track, options.methods))
    .filter(({ keys }) => keys.length > 0);
  const costOf = ({ track: { cost, seeds }, keys }: ChosenTrack): number =>
    cost.load + cost.run * seeds.length * keys.length;
  const whole = chosen.reduce((sum, each) => sum + costOf(each), 0);
  let spent = 0;
  const runs: RunRecord[] = [];
  const stored: StoredTrack[] = [];
  for (const { track, keys } of chosen) {
    const { cost, load, nativeOnly: _, ...description } = track;
    const tell = (part: number, at: string, run?: RunRecord): void =>
      onProgress({ done: Math.min(1, (spent + part) / whole), at, ...(run && { run }) });
    const parts = await load((done) => tell(done * cost.load, `${track.title}: data`));
    spent += cost.load;
    const results = new Map<string, TrackRun[]>(keys.map((key) => [key, []]));
    for (const seed of track.seeds) {
      for (const key of keys) {
        const { title } = track.methods[key];
        const at = `${title}, seed ${seed}`;
        const result = await parts.run(key, seed, (done) => tell(done * cost.run, at));
        spent += cost.run;
        const { outputs: _, ...kept } = result;
        const run: RunRecord = {
          form: 2,
          suite,
          track: track.key,
          protocol: track.protocol,
          method: key,
          title,
          seed,
          ...kept,
          date: new Date().toISOString(),
          environment,
        };
        runs.push(run);
        results.get(key)?.push(result);
        folder.addRun(run);
        tell(0, at, run);
      }
    }
    const record = recordOf(description, keys, parts);
    stored.push({ track: record, differences: compareMethods(track, parts, results) });
    // After each track: a suite that is stopped leaves a report of what it has.
    folder.writeSuite(stored);
  }
  const tracks = stored.map(({ track, differences }) => ({ track, summaries: summarize(track, runs, differences) }));
  return { tracks, runs, report: writeReport(folder.path, renderReport(tracks, runs)) };
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
