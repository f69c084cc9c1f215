import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel, type ModelDescription } from '@ltml/recipes/node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { evaluateRun } from '../src/run/evaluate.ts';
import { train } from '../src/run/train.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-trained-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** What a command prints as JSON. */
async function printed(command: () => Promise<void>): Promise<Record<string, unknown>> {
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  await command();
  const text = out.mock.calls.map(([part]) => String(part)).join('');
  vi.restoreAllMocks();
  return JSON.parse(text) as Record<string, unknown>;
}

function trainInto(out: string, text: string): Promise<Record<string, unknown>> {
  const file = join(folder, 'run.yaml');
  writeFileSync(file, text);
  return printed(() => train(file, { set: [], out, json: true }));
}

const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8')) as Record<string, unknown>;
const short = 'loss: { name: focal }\nencoder: { imageSize: 16 }\nfeatures: { views: 0 }\n';

describe('what was evaluated', () => {
  it('is what a run of averaged weights gives, finished or not', async () => {
    const run = join(folder, 'averaged');
    const { mAP } = await trainInto(run, `${short}method: { options: { epochs: 2, averageDecay: 0.9 } }\n`);
    expect(readJson(run, 'summary.json')).toMatchObject({ mAP, weights: 'averaged', outcome: 'finished' });
    const evaluate = () => printed(() => evaluateRun(run, { json: true }));
    expect(await evaluate()).toMatchObject({ mAP, weights: 'averaged' });

    // As it is before the run ends.
    const description = readJson(run, 'model', 'model.json') as unknown as ModelDescription;
    rmSync(join(run, 'model', 'model.safetensors'));
    writeFileSync(join(run, 'model', 'model.json'), JSON.stringify({ ...description, weights: null }));
    expect(await evaluate()).toMatchObject({ mAP, weights: 'averaged' });
    await expect(loadModel(run, { best: true })).rejects.toThrow(/no selected weights/);

    // A damaged checkpoint is told of, and the one before is taken.
    const [last] = readdirSync(join(run, 'checkpoints')).sort().reverse();
    writeFileSync(join(run, 'checkpoints', last), 'cut');
    const onWarning = vi.fn();
    (await loadModel(run, { onWarning })).dispose();
    expect(onWarning).toHaveBeenCalledWith(expect.stringContaining(last));
  }, 300_000);

  it('is what a run gives that selects, and test images are scored once, at the end', async () => {
    const run = join(folder, 'selected');
    const { mAP, best, selection } = await trainInto(
      run,
      `${short}method: { options: { epochs: 3, optimizer: { learningRate: 0.5 } } }\nevaluation: { select: { metric: mAP } }\n`,
    );
    expect(selection).toBe('validation');
    expect(readJson(run, 'model', 'model.json').weights).toMatchObject({
      kind: 'best',
      step: (best as { step: number }).step,
    });
    expect(await printed(() => evaluateRun(run, { json: true, best: true }))).toMatchObject({ mAP, weights: 'best' });
    const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n');
    const epochs = lines.map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'epoch');
    expect(epochs.map(({ metrics }) => metrics.mAP)).not.toContain((mAP as { total: number }).total);
    expect(Math.max(...epochs.map(({ metrics }) => metrics.mAP))).toBe((best as { value: number }).value);
  }, 300_000);
});

describe('a run that is refused', () => {
  it.each([
    ['a loss that these classes can’t have', 'loss: { name: ldam }\ndata: { knownLabels: { proportion: 0.02 } }'],
    ['a file that is not there', 'method: { name: cprfl, classEmbeddings: { name: word-vectors, path: gone.txt } }'],
  ])(
    'leaves no folder behind: %s',
    async (_, text) => {
      const out = join(folder, 'refused');
      await expect(trainInto(out, text)).rejects.toThrow(/run\.yaml:\d+: /);
      expect(existsSync(out)).toBe(false);
    },
    300_000,
  );
});
