// Predicts many pictures with `ltml predict`, kills it at random moments (SIGKILL), lets it go on until it is done, and says
// whether a picture was lost or came twice, and how memory went. Beside it, in turns, images/s of a PyTorch loop with the same
// network, files and number of workers, once without kills.
//
//   npx tsx packages/cli/scripts/predict-many.ts [--pictures 100000] [--kills 20] [--rate 10000] [--rounds 3] [--seed 1]
//     [--python python3]
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { useBackend } from '@ltml/engines';
import { build, describeModel, resolve, writeModel } from '@ltml/recipes/node';
import { RandomStream } from '@ltml/tensor';
import {
  loaderPictures,
  makePictures,
  pictureFolder,
  pictureName,
} from '../../../benchmarks/src/speed/loader-pictures.ts';

const { values } = parseArgs({
  options: {
    pictures: { type: 'string', default: '100000' },
    kills: { type: 'string', default: '20' },
    rate: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    python: { type: 'string', default: 'python3' },
  },
});
const [count, kills, timed, rounds, seed] = [
  values.pictures,
  values.kills,
  values.rate,
  values.rounds,
  values.seed,
].map(Number);
/** Scores that are compared with PyTorch's. */
const shown = 8;
const random = new RandomStream(seed);
const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ltml-many-'));
const [photos, bundle] = [join(folder, 'photos'), join(folder, 'bundle')];

/** So many paths of pictures, some in each folder; a file has many names, which says the same of reading and writing. */
function linkPictures(): string[] {
  return Array.from({ length: count }, (_, i) => {
    const place = join(photos, String(Math.floor(i / 1000)).padStart(5, '0'));
    if (i % 1000 === 0) mkdirSync(place, { recursive: true });
    const path = join(place, `${String(i % 1000).padStart(3, '0')}.jpg`);
    linkSync(join(pictureFolder, pictureName(i % loaderPictures.count)), path);
    return path;
  });
}

function predict(out: string, paths: readonly string[], ...more: string[]) {
  const args = ['--import', 'tsx', bin, 'predict', bundle, '-', '--out', out, ...more];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const text = { out: '', errors: '' };
  child.stdout.on('data', (part) => {
    text.out += part;
  });
  child.stderr.on('data', (part) => {
    text.errors += part;
  });
  // A child that was killed takes no more of them.
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${paths.join('\n')}\n`);
  const ended = new Promise<number | null>((done) => child.on('close', done));
  return { child, text, ended };
}

async function rateOfLtml(paths: readonly string[], ...more: string[]): Promise<{ rate: number; file: string }> {
  const file = join(folder, `rate-${random.bits()}.csv`);
  const { text, ended } = predict(file, paths, ...more);
  if ((await ended) !== 0) throw new Error(text.errors);
  return { rate: Number(/, ([\d.]+) a second/.exec(text.out)?.[1]), file };
}

function torch(paths: readonly string[]): { rate: number; scores: number[][] } {
  const job = {
    weights: join(bundle, 'model.safetensors'),
    paths,
    batchSize: 32,
    workers: availableParallelism(),
    shown,
  };
  const script = fileURLToPath(new URL('predict-many.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(values.python, [script], {
    input: JSON.stringify(job),
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** By how much probabilities of the first pictures lie apart, where both read the files as Pillow does. */
async function largestDifference(paths: readonly string[]): Promise<number> {
  const { file } = await rateOfLtml(paths.slice(0, shown), '--as-stored');
  const ours = readFileSync(file, 'utf8').trimEnd().split('\n').slice(1);
  const { scores } = torch(paths.slice(0, shown));
  const apart = scores.flatMap((row, i) => {
    const cells = ours[i].split(',').slice(-row.length).map(Number);
    return row.map((score, c) => Math.abs(1 / (1 + Math.exp(-score)) - cells[c]));
  });
  return Math.max(...apart);
}

async function compareRates(paths: readonly string[]): Promise<void> {
  const rates = { ltml: [] as number[], torch: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    rates.ltml.push((await rateOfLtml(paths)).rate);
    rates.torch.push(torch(paths).rate);
    console.log(
      `round ${round + 1}: ${rates.ltml[round].toFixed(0)} images/s, PyTorch ${rates.torch[round].toFixed(0)}, ` +
        `ratio ${(rates.ltml[round] / rates.torch[round]).toFixed(2)}`,
    );
  }
  const median = (list: number[]): number => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
  console.log(`median ratio ${median(rates.ltml.map((rate, i) => rate / rates.torch[i])).toFixed(2)}`);
}

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);
const wait = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** Megabytes that a process has in memory; nothing where the system does not tell. */
function memoryOf(pid: number): number | undefined {
  const path = `/proc/${pid}/status`;
  const kilobytes = existsSync(path) && /^VmRSS:\s+(\d+)/m.exec(readFileSync(path, 'utf8'))?.[1];
  return kilobytes ? Number(kilobytes) / 1024 : undefined;
}

async function predictWithKills(paths: readonly string[]): Promise<void> {
  const out = join(folder, 'many.csv');
  const [bytesOfRow, memory] = [260, [] as { done: number; megabytes: number }[]];
  let done = 0;
  for (;;) {
    const { child, text, ended } = predict(out, paths);
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    // At a random place of what is left for each kill; the moment within a write is random, too.
    const before = sizeOf(`${out}.partial`);
    const left = count * bytesOfRow - before;
    const target = done < kills ? before + Math.max(1, (2 * random.uniform() * left) / (kills - done + 1)) : Infinity;
    while (!isOver && sizeOf(`${out}.partial`) < target) {
      await wait(100);
      const megabytes = memoryOf(child.pid as number);
      if (megabytes !== undefined) memory.push({ done: sizeOf(`${out}.partial`) / bytesOfRow, megabytes });
    }
    await wait(random.uniform() * 100);
    const isKilled = !isOver && child.kill('SIGKILL');
    const code = await ended;
    if (isKilled && code === null) done++;
    else if (code === 0) break;
    else throw new Error(text.errors);
  }
  const [, ...rows] = readFileSync(out, 'utf8').trimEnd().split('\n');
  const found = rows.map((row) => row.slice(0, row.indexOf(',')));
  const distinct = new Set(found);
  const lost = paths.filter((path) => !distinct.has(path)).length;
  console.log(`${done} kills: ${lost} lost, ${found.length - distinct.size} doubled, of ${count}`);
  const inOrder = found.every((path, i) => path === paths[i]);
  for (let tenth = 0; tenth < 10; tenth++) {
    const own = memory.filter((sample) => Math.min(9, Math.floor((10 * sample.done) / count)) === tenth);
    const largest = own.reduce((most, { megabytes }) => Math.max(most, megabytes), 0);
    if (own.length > 0) console.log(`  ${tenth + 1}/10 of the pictures: at most ${largest.toFixed(0)} MB`);
  }
  if (lost > 0 || found.length !== count || !inOrder) process.exitCode = 1;
}

try {
  await makePictures();
  const paths = linkPictures();
  console.log(
    `${count} pictures, ${await useBackend('auto').then(({ name }) => name)}, ${availableParallelism()} cores`,
  );
  const built = await build(await resolve({ name: 'many', features: { views: 0 }, loss: { name: 'focal' } }));
  await writeModel(bundle, built, await describeModel(built), { kind: 'last', step: 0 });
  built.dispose();
  console.log(`probabilities are PyTorch's to ${(await largestDifference(paths)).toExponential(1)}`);
  await compareRates(paths.slice(0, timed));
  await predictWithKills(paths);
} finally {
  rmSync(folder, { recursive: true });
}
