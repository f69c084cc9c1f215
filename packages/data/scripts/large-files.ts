// Times the readers of large published files beside the usual Python ones, on synthetic files of full size:
//
//   npx tsx packages/data/scripts/large-files.ts [--scale 1] [--python python3] [--keep DIR]
//
// Python needs pycocotools and pandas. Files are made in a temporary folder (--keep: in DIR, and left there) and need 3 GB of
// disk at full size. Each reader runs in a process of its own, in turn three times; printed are the shortest time and the
// largest memory.
import { spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { RandomStream } from '@ltml/tensor';
import { readCocoFile } from '../src/node/sets/coco-file.ts';
import { readOpenImages } from '../src/node/sets/open-images.ts';
import { SetFolder } from '../src/node/sets/set-folder.ts';
import { readVisualGenome } from '../src/node/sets/visual-genome.ts';

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    python: { type: 'string', default: 'python3' },
    keep: { type: 'string' },
    read: { type: 'string' },
    folder: { type: 'string', default: '' },
  },
});

/** Writes a file in pieces. */
async function write(path: string, pieces: Iterable<string>): Promise<void> {
  const stream = createWriteStream(path);
  for (const piece of pieces) {
    if (!stream.write(piece)) await new Promise<void>((resolve) => stream.once('drain', () => resolve()));
  }
  stream.end();
  await finished(stream);
}

function* joined(items: Iterable<unknown>): Generator<string> {
  let first = true;
  for (const item of items) {
    yield (first ? '' : ', ') + JSON.stringify(item);
    first = false;
  }
}

/** COCO train2014: 82,783 images, 604,907 annotations with outlines of about 35 points. */
function* coco(scale: number): Generator<string> {
  const random = new RandomStream(1);
  const images = Math.round(82_783 * scale);
  const image = (id: number) => ({
    license: 3,
    file_name: `COCO_train2014_${String(id).padStart(12, '0')}.jpg`,
    coco_url: `http://images.cocodataset.org/train2014/${id}.jpg`,
    height: 480,
    width: 640,
    date_captured: '2013-11-14 20:55:31',
    id,
  });
  const annotation = (id: number) => ({
    segmentation: [
      Array.from({ length: 2 * (10 + random.integer(50)) }, () => Math.round(random.uniform() * 64000) / 100),
    ],
    area: 2765.1486,
    iscrowd: 0,
    image_id: 1 + random.integer(images),
    bbox: [199.84, 200.46, 77.71, 70.88],
    category_id: 1 + random.integer(80),
    id,
  });
  yield '{"info": {"year": 2014}, "images": [';
  yield* joined(counted(images, (i) => image(i + 1)));
  yield '], "licenses": [], "annotations": [';
  yield* joined(counted(Math.round(604_907 * scale), annotation));
  yield '], "categories": [';
  yield* joined(counted(80, (c) => ({ supercategory: 'thing', id: c + 1, name: `class ${c}` })));
  yield ']}';
}

function* counted<T>(count: number, make: (i: number) => T): Generator<T> {
  for (let i = 0; i < count; i++) yield make(i);
}

/** Visual Genome: 108,077 images of about 35 objects. */
function* objects(scale: number): Generator<string> {
  const random = new RandomStream(2);
  const object = () => ({
    synsets: ['tree.n.01'],
    h: random.integer(600),
    object_id: random.integer(1e7),
    merged_object_ids: [],
    names: [`object ${Math.floor(80_000 * random.uniform() ** 4)}`],
    w: random.integer(800),
    y: random.integer(600),
    x: random.integer(800),
  });
  const image = (i: number) => ({
    image_id: i + 1,
    objects: Array.from({ length: 20 + random.integer(30) }, object),
    image_url: `https://cs.stanford.edu/people/rak248/VG_100K_2/${i + 1}.jpg`,
  });
  yield '[';
  yield* joined(counted(Math.round(108_077 * scale), image));
  yield ']';
}

function* imageData(scale: number): Generator<string> {
  yield '[';
  yield* joined(
    counted(Math.round(108_077 * scale), (i) => ({
      width: 800,
      url: `https://cs.stanford.edu/people/rak248/VG_100K_2/${i + 1}.jpg`,
      height: 600,
      image_id: i + 1,
      coco_id: null,
      flickr_id: null,
    })),
  );
  yield ']';
}

/** Open Images v4: labels of 9 million training images, three an image. */
function* humanLabels(scale: number): Generator<string> {
  const random = new RandomStream(3);
  yield 'ImageID,Source,LabelName,Confidence\n';
  for (let i = 0; i < Math.round(9_011_219 * scale); i++) {
    const id = Math.floor(i / scale)
      .toString(16)
      .padStart(16, '0');
    let rows = '';
    for (let k = 1 + random.integer(5); k > 0; k--) {
      rows += `${id},verification,${mid(Math.floor(7586 * random.uniform() ** 2))},${random.integer(2)}\n`;
    }
    yield rows;
  }
}

const mid = (c: number): string => `/m/0${(c + 4000).toString(36)}`;

const readers: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
  'COCO 2014': async (folder) =>
    (await readCocoFile('coco14', join(folder, 'coco.json'), 'coco.json')).annotated.length,
  'Visual Genome': async (folder) => {
    const request = { folder: new SetFolder('vg', [folder], []), splits: ['all'], lists: {}, onWarning: () => {} };
    return (await readVisualGenome({ ...request, options: { classes: 200, corrupt: 'keep' } })).splits.all.labels.rows;
  },
  'Open Images v4': async (folder) => {
    const request = {
      folder: new SetFolder('open-images', [folder], []),
      splits: ['train'],
      lists: {},
      onWarning: () => {},
    };
    return (await readOpenImages({ ...request, options: { labels: 'human' } })).splits.train.labels.rows;
  },
};

/** What people do in Python for the same labels. */
const python: Readonly<Record<string, string>> = {
  'COCO 2014': `
from pycocotools.coco import COCO
coco = COCO('coco.json')
labels = {i: sorted({a['category_id'] for a in coco.imgToAnns[i]}) for i in coco.imgs}
print(len(labels))`,
  'Visual Genome': `
import json, collections
images = json.load(open('objects.json'))
counts = collections.Counter(o['names'][0].strip().lower() for i in images for o in i['objects'])
classes = {n: c for c, (n, _) in enumerate(counts.most_common(200))}
labels = {i['image_id']: sorted({classes[n] for o in i['objects'] if (n := o['names'][0].strip().lower()) in classes}) for i in images}
print(len(labels))`,
  'Open Images v4': `
import pandas as pd
d = pd.read_csv('train-annotations-human-imagelabels.csv')
classes = {m: c for c, m in enumerate(open('classes-trainable.txt').read().split())}
d['c'] = d.LabelName.map(classes)
d = d.dropna(subset=['c'])
sums = (2 * d.Confidence - 1).groupby([d.ImageID, d.c]).sum()
present, absent = sums[sums > 0], sums[sums < 0]
print(d.ImageID.nunique())`,
};

async function makeFiles(folder: string, scale: number): Promise<void> {
  const files: Readonly<Record<string, () => Iterable<string>>> = {
    'coco.json': () => coco(scale),
    'objects.json': () => objects(scale),
    'image_data.json': () => imageData(scale),
    'classes-trainable.txt': () => [Array.from({ length: 7186 }, (_, c) => mid(c)).join('\n')],
    'unseen_labels.txt': () => [Array.from({ length: 2594 }, (_, c) => mid(7186 + c)).join('\n')],
    'top_400_unseen.csv': () => [Array.from({ length: 400 }, (_, c) => `${c}`).join('\n')],
    'class-descriptions.csv': () => [Array.from({ length: 9780 }, (_, c) => `${mid(c)},class ${c}`).join('\n')],
    'train-annotations-human-imagelabels.csv': () => humanLabels(scale),
  };
  for (const [name, pieces] of Object.entries(files)) {
    const path = join(folder, name);
    if (!existsSync(path)) await write(path, pieces());
    console.log(`${name}: ${(statSync(path).size / 1e6).toFixed(0)} MB`);
  }
}

interface Measured {
  readonly seconds: number;
  readonly megabytes: number;
}

/** The last line that a process prints. */
function run(command: string, args: readonly string[], cwd: string): Measured {
  const { stdout, stderr, status } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr.slice(-2000));
  return JSON.parse(stdout.trim().split('\n').pop() as string) as Measured;
}

/** Python code that prints its seconds and its memory; what it imports is not timed. */
function timed(code: string): string {
  const imports = code.match(/^(?:from|import) .*$/gm) ?? [];
  const rest = code.replace(/^(?:from|import) .*$/gm, '');
  return `import json, resource, time
${imports.join('\n')}
start = time.perf_counter()
${rest}
seconds = time.perf_counter() - start
print(json.dumps({'seconds': seconds, 'megabytes': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))`;
}

async function compare(): Promise<void> {
  const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'ltml-large-'));
  mkdirSync(folder, { recursive: true });
  try {
    await makeFiles(folder, Number(values.scale));
    const self = ['--import', 'tsx', fileURLToPath(import.meta.url)];
    for (const name of Object.keys(readers)) {
      const ours: Measured[] = [];
      const theirs: Measured[] = [];
      for (let turn = 0; turn < 3; turn++) {
        ours.push(run(process.execPath, [...self, '--read', name, '--folder', folder], process.cwd()));
        theirs.push(run(values.python, ['-c', timed(python[name])], folder));
      }
      const [a, b] = [ours, theirs].map((runs) => ({
        seconds: Math.min(...runs.map(({ seconds }) => seconds)),
        megabytes: Math.max(...runs.map(({ megabytes }) => megabytes)),
      }));
      const text = ({ seconds, megabytes }: Measured): string => `${seconds.toFixed(2)} s, ${megabytes.toFixed(0)} MB`;
      console.log(`${name}: ${text(a)}; Python ${text(b)}; ${(a.seconds / b.seconds).toFixed(2)} x`);
    }
  } finally {
    if (values.keep === undefined) rmSync(folder, { recursive: true });
  }
}

if (values.read) {
  const start = performance.now();
  const rows = await readers[values.read](values.folder);
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1024, rows }));
} else await compare();
