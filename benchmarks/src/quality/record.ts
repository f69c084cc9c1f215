/** mAP, fractions: over all classes, and over the head, medium and tail classes by their training images. */
export interface GroupScores {
  readonly total: number;
  readonly head: number;
  readonly medium: number;
  readonly tail: number;
}

/** The names of {@link GroupScores} in the order of report. */
export const groupNames = ['total', 'head', 'medium', 'tail'] as const satisfies readonly (keyof GroupScores)[];

/** Scores on the test set in the course of a run. */
export interface CurvePoint {
  readonly step: number;
  /** Mean training loss since the point before, in nats; losses of two methods are not comparable. */
  readonly loss: number;
  readonly mAP: GroupScores;
}

/** Where a run was computed. */
export interface RunEnvironment {
  readonly engine: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly threads: number;
  /** Of the packages that decide the numbers, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Of the working tree, where it is one; `+` after it: with changes. */
  readonly commit: string | null;
}

/** One run of the quality suite: what its JSON file holds. */
export interface RunRecord {
  readonly form: 1;
  readonly suite: string;
  /** Version of the protocol: runs of another one are not comparable. */
  readonly protocol: string;
  readonly method: string;
  readonly title: string;
  readonly seed: number;
  /** All that was set, as JSON. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly mAP: GroupScores;
  /** [C] AP of each class, fractions. */
  readonly perClass: readonly number[];
  readonly curve: readonly CurvePoint[];
  readonly seconds: number;
  /** ISO 8601. */
  readonly date: string;
  readonly environment: RunEnvironment;
}

/** What is compared, and on which data: the same for all runs of a report. */
export interface SuiteDescription {
  readonly suite: string;
  readonly protocol: string;
  readonly dataset: string;
  readonly classes: readonly string[];
  /** [C] training images. */
  readonly classCounts: readonly number[];
  readonly trainImages: number;
  readonly testImages: number;
  /** Sentences for the reader: budget, evaluation, how settings were chosen. */
  readonly notes: readonly string[];
  /** Methods in the order of report. */
  readonly methods: readonly {
    readonly key: string;
    readonly title: string;
    readonly description: string;
    /** The step of the ladder before this one; none for what stands beside the ladder. */
    readonly after?: string;
  }[];
  /** The method that the others are compared with. */
  readonly baseline: string;
}
