import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportState, type HostTensor, LtmlError, RandomStream } from '@ltml/tensor';
import { evaluate, type FitResult } from '@ltml/train';
import { openRunFolder } from '@ltml/train/node';
import { resumableRun } from '../resumable-run.ts';
import { syntheticTask } from '../synthetic.ts';

/** How runs went on from folders in which one thing was changed. */
export interface MutationReport {
  /** Gave the result of the untouched run, to the last bit. */
  equal: number;
  /** Refused by an error of ours. */
  refused: number;
  /** What must not be: another result, or an error that says nothing of the file. */
  readonly faults: string[];
}

interface Outcome {
  readonly result: FitResult;
  readonly weights: ReadonlyMap<string, HostTensor>;
  readonly summary: string;
}

/** Goes on with a run, or begins it. */
async function train(path: string, stopAt?: number): Promise<Outcome> {
  const run = await openRunFolder(path, {
    config: { name: 'resumable', options: { epochs: 8, rate: 0.02 } },
    resume: true,
    checkpointEverySteps: 2,
    onWarning: () => {},
  });
  const stop = new AbortController();
  const onStep = ({ step }: { step: number }) => {
    if (step === stopAt) stop.abort();
  };
  try {
    const { learner, dataset, result } = await resumableRun({
      checkpoints: run.checkpoints,
      observers: [run.observer, { onStep }],
      signal: stop.signal,
    });
    const scores = await evaluate(learner, dataset);
    if (result.outcome !== 'aborted') await run.writeResults({ result, scores, task: syntheticTask(dataset) });
    const weights = await exportState(learner);
    learner.dispose();
    return { result, weights, summary: stopAt ? '' : readFileSync(join(path, 'summary.json'), 'utf8') };
  } finally {
    await run.close();
  }
}

/** Files of a folder and those in it, by their paths from there. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
}

/** Changes one thing in a folder, and tells what. */
function mutate(folder: string, random: RandomStream): string {
  const pick = <T>(items: readonly T[]): T => items[random.integer(items.length)];
  const name = pick(filesOf(folder));
  const path = join(folder, name);
  const bytes = readFileSync(path);
  const kinds: Record<string, () => void> = {
    truncated: () => writeFileSync(path, bytes.subarray(0, random.integer(bytes.length + 1))),
    'with a bit flipped': () => {
      bytes[random.integer(bytes.length)] ^= 1 << random.integer(8);
      writeFileSync(path, bytes);
    },
    missing: () => rmSync(path),
    'of another JSON type': () => writeFileSync(path, pick(['null', '5', '"text"', '[]', '{}', '[null]', '{"a":1}\n'])),
    'with more behind it': () => writeFileSync(path, Buffer.concat([bytes, Buffer.from('{"kind":"step"\n')])),
    'a folder': () => {
      rmSync(path);
      mkdirSync(path);
    },
    'another file': () => writeFileSync(path, readFileSync(join(folder, pick(filesOf(folder))))),
    'with a lock': () => writeFileSync(join(folder, 'run.3.lock'), pick(['', '{}', '{"pid":1e9,"host":5}'])),
  };
  const kind = pick(Object.keys(kinds));
  kinds[kind]();
  return `${name} ${kind}`;
}

/** Mutates the folder of a run that was stopped, or of one that is done, again and again, and lets it go on. */
export async function mutateRunFolders(mutations: number, seed: number): Promise<MutationReport> {
  const random = new RandomStream(seed);
  const folder = mkdtempSync(join(tmpdir(), 'ltml-mutations-'));
  const report: MutationReport = { equal: 0, refused: 0, faults: [] };
  try {
    const done = join(folder, 'done');
    const stopped = join(folder, 'stopped');
    const expected = await train(done);
    await train(stopped, 10);
    for (let i = 0; i < mutations; i++) {
      const path = join(folder, `${i}`);
      cpSync(i % 3 === 0 ? done : stopped, path, { recursive: true });
      const what = `${i % 3 === 0 ? 'done' : 'stopped'}: ${mutate(path, random)}`;
      try {
        const outcome = await train(path);
        if (isEqual(outcome, expected)) report.equal++;
        else report.faults.push(`${what}: another result`);
      } catch (error) {
        if (LtmlError.is(error)) report.refused++;
        else report.faults.push(`${what}: ${error}`);
      }
      rmSync(path, { recursive: true });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return report;
}

function isEqual(a: Outcome, b: Outcome): boolean {
  const bytes = ({ weights }: Outcome) =>
    [...weights].map(([name, { data }]) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex'),
    ]);
  return a.summary === b.summary && JSON.stringify([a.result, bytes(a)]) === JSON.stringify([b.result, bytes(b)]);
}
