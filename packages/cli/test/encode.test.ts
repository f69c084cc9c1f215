import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Encoding } from '../../recipes/src/node/features/encoding.ts';
import { cacheFolderOf, cacheSmallClip } from '../../recipes/test/small-clip.ts';
import { writeOwnPictures } from '../src/run/own-pictures.ts';
import { ltml } from './in-process.ts';

const before = process.cwd();
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-encode-'));
  process.chdir(folder);
  await writeOwnPictures('photos', 30, 0);
  writeFileSync(
    'own.yaml',
    `name: own
data: { name: table, root: photos, file: labels.csv, validation: { share: 0.3 } }
pictures: { size: 16 }
features: { views: 1 }
loss: { name: focal }
method: { options: { epochs: 2 } }
`,
  );
});
beforeEach(() => rmSync('features', { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

async function encode(...args: string[]) {
  const result = await ltml('encode', 'own.yaml', ...args);
  expect(result.code, result.stderr).toBe(0);
  return result;
}

const sha = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const filesIn = (dir: string) =>
  Object.fromEntries(
    readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .sort()
      .filter((name) => statSync(join(dir, name)).isFile())
      .map((name) => [name, sha(join(dir, name))]),
  );
const weights = (run: string) => sha(join(run, 'model', 'model.safetensors'));

interface Written {
  readonly features: readonly {
    readonly name: string;
    readonly folder: string;
    readonly images: number;
    readonly views: number;
    readonly error: { readonly largest: number; readonly relative: number };
  }[];
}

describe('ltml encode', () => {
  it('says disk and time, writes each split, and the same bytes with any number of workers', async () => {
    const { stdout, stderr } = await encode('--workers', '1', '--out', 'one');
    expect(stderr).toMatch(/training: features \[96\] of 2 views of \d+ images, .* kB as f32\n/);
    expect(stderr).toMatch(/ kB to write, .* GB free; about \d+ s, estimated on the first images\n/);
    expect(stdout).toMatch(/^training +\d+ +2 .*resnet-tiny-features-[0-9a-f]{16}-f32$/m);
    expect(stdout).toMatch(/^f32, exact; \d+ s$/m);
    await encode('--workers', '2', '--out', 'two');
    const files = filesIn('one');
    expect(Object.keys(files).length).toBe(3 * 3 + 1);
    expect(filesIn('two')).toEqual(files);
    const list = Object.keys(files).find((name) => name.endsWith('images.jsonl')) as string;
    expect(readFileSync(join('one', list), 'utf8').split('\n')[0]).toMatch(
      /^\{"key":"\w+\/\d+\.\w+","path":"\/.*","size":\d+,"modified":\d+\}$/,
    );
  });

  it('goes on after a stop, with the bytes of one run', async () => {
    await encode();
    const expected = filesIn('features');
    rmSync('features', { recursive: true });
    const write = vi.spyOn(Encoding.prototype, 'write').mockImplementation(function (this: Encoding, options) {
      write.mockRestore();
      return this.write({
        ...options,
        onProgress(done, all) {
          options?.onProgress?.(done, all);
          // Before the second view of the training images.
          if (done === 24) process.emit('SIGTERM');
        },
      });
    });
    const stopped = await ltml('encode', 'own.yaml');
    expect([stopped.code, stopped.stdout]).toEqual([1, '']);
    expect(stopped.stderr).toMatch(/stopped; finished features are kept, give the same command to continue\n$/);
    expect(Object.keys(filesIn('features')).length).toBeLessThan(Object.keys(expected).length);
    const { stderr } = await encode();
    expect(stderr).toMatch(/training: .*, \d+ % on disk\n/);
    expect(filesIn('features')).toEqual(expected);
    expect((await encode()).stderr).toMatch(/test: .*, already on disk\n/);
  });

  it('computes a damaged file anew, and names it', async () => {
    await encode();
    const expected = filesIn('features');
    const file = Object.keys(expected).find((name) => name.endsWith('view-1-00000.safetensors')) as string;
    const bytes = readFileSync(join('features', file));
    bytes[bytes.length - 400] ^= 1;
    writeFileSync(join('features', file), bytes);
    const failed = await ltml('train', 'own.yaml', '--out', 'damaged');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/view-1-00000\.safetensors should be intact in row .*Encode again/);
    expect((await encode()).stderr).toMatch(/warning: view-1-00000\.safetensors is computed again: /);
    expect(filesIn('features')).toEqual(expected);
  });

  it('measures what f16 and int8 cost, and takes plain pictures of a folder', async () => {
    const { stdout } = await encode('--storage', 'int8', '--json');
    const [training] = (JSON.parse(stdout) as Written).features;
    expect(training.error.relative).toBeGreaterThan(1e-4);
    expect(training.error.relative).toBeLessThan(0.01);
    const { code, stderr, stdout: text } = await ltml('encode', 'photos/test', '--storage', 'f16', '--out', 'plain');
    expect(code, stderr).toBe(0);
    expect(text).toMatch(/^pictures +10 +1 /m);
    expect(text).toMatch(/^f16, largest error 0\.00\d+, relative error 0\.0\d+ %; /m);
  });

  it('refuses what it cannot do, before work begins', async () => {
    vi.spyOn(Encoding.prototype, 'bytes', 'get').mockReturnValue(1e15);
    const full = await ltml('encode', 'own.yaml');
    expect(full.code).toBe(1);
    expect(full.stderr).toMatch(
      /should be on a disk with 1000000\.0 GB free, got .* GB.*Use --storage f16 \(half the size\)/,
    );
    vi.restoreAllMocks();
    const trained = await ltml('encode', 'own.yaml', '--set', 'features=null');
    expect([trained.code, trained.stderr]).toEqual([2, expect.stringMatching(/features.*null trains the encoder/)]);
    const wrong = await ltml('encode', 'own.yaml', '--encoding', 'patches');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/own\.yaml.*encoder: .*patches/)]);
    expect((await ltml('encode', 'nowhere')).code).toBe(2);
    expect((await ltml('encode', 'photos', '--set', 'encodr=1')).stderr).toMatch(/encodr.*encoder/);
    expect(existsSync('features')).toBe(false);
  });
});

describe('ltml encode of plain pictures', () => {
  const photos = ['photos/test', '--encoder', 'small_clip', '--out', 'clip'];
  const weightsOfClip = (): string => join(cacheFolderOf('hub', 'me/small-clip'), 'open_clip_model.safetensors');
  const failed = async (...args: string[]) => {
    const { code, stdout, stderr } = await ltml('encode', ...photos, ...args);
    expect([code, stdout]).toEqual([2, '']);
    // One sentence.
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    return stderr;
  };
  beforeAll(() => vi.stubEnv('HF_HUB_CACHE', join(folder, 'hub')));
  afterAll(() => {
    vi.unstubAllEnvs();
  });

  it('says where weights come from that are not there, and what is wrong with others', async () => {
    expect(await failed()).toMatch(/"ltml weights pull me\/small-clip"/);
    await cacheSmallClip('hub');
    copyFileSync(weightsOfClip(), 'cut.safetensors');
    truncateSync('cut.safetensors', 20_000);
    writeFileSync('model.pt', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0));
    const tiny = fileURLToPath(new URL('../../backbone/weights/resnet-tiny.safetensors', import.meta.url));
    expect(await failed('--weights', 'cut.safetensors')).toMatch(/cut\.safetensors should be a file with \d+ bytes/);
    expect(await failed('--weights', tiny)).toMatch(/weights of small_clip, got those of another network: ResNet/);
    expect(await failed('--weights', 'model.pt')).toMatch(
      /a zip archive.*python3 -c ".*" model\.pt model\.safetensors/,
    );
    expect(await failed('--weights', 'gone.safetensors')).toMatch(/gone\.safetensors .*no such file/);
    expect(await failed('--weights', 'hub:no/such')).toMatch(/"ltml weights pull no\/such"/);
    expect(existsSync('clip')).toBe(false);
  });

  it('takes an image size that is no square, whatever encoder is named beside it', async () => {
    await cacheSmallClip('hub');
    const { code, stderr } = await ltml(
      ...['encode', ...photos, '--encoding', 'patches', '--set', 'encoder.imageSize=[96, 56]'],
    );
    expect(code, stderr).toBe(0);
    // 12 × 7 patches of 8 pixels.
    expect(stderr).toMatch(/^pictures: patches \[84, 6\] of 10 images/m);
    expect(await failed('--set', 'encoder.imageSize=[96, 56]', '--set', 'pictures.size=64')).toMatch(
      /encoder: takes images of 96 × 56, but pictures become 64 × 64/,
    );
  });
});

describe('features of ltml encode', () => {
  it('are taken by train, eval, tune, errors and predict, with the same numbers to the last bit', async () => {
    const computed = await ltml('train', 'own.yaml', '--out', 'computed');
    expect(computed.code, computed.stderr).toBe(0);
    expect(computed.stderr).not.toMatch(/features: /);
    await encode();
    const stored = await ltml('train', 'own.yaml', '--out', 'stored');
    expect(stored.stderr).toMatch(/^features: from features \(f32, exact\)$/m);
    expect(weights('stored')).toBe(weights('computed'));
    expect(sha('stored/predictions.safetensors')).toBe(sha('computed/predictions.safetensors'));
    for (const command of [
      ['eval', 'stored', '--json'],
      ['errors', 'stored', '--json'],
      ['tune', 'stored', '--json'],
      ['predict', 'stored', 'photos/test', '--json'],
    ]) {
      const from = await ltml(...command);
      const without = await ltml(...command, '--features', 'nowhere');
      expect(from.stderr, command[0]).toMatch(/^features: from features(\/resnet-tiny-.*-f32)? \(f32, exact\)$/m);
      expect(without.stderr).not.toMatch(/features: from/);
      expect(from.stdout).toBe(without.stdout);
    }
    // A picture that is in none of the folders, and several views, are computed.
    const [photo] = readdirSync('photos/test');
    copyFileSync(join('photos', 'test', photo), 'new.png');
    expect((await ltml('predict', 'stored', 'photos/test', 'new.png')).stderr).not.toMatch(/features: from/);
    expect((await ltml('predict', 'stored', 'photos/test', '--tta', 'flip')).stderr).not.toMatch(/features: from/);
  });

  it('of which only some are there leave the others to be computed', async () => {
    await encode();
    const test = readdirSync('features').find(
      (name) => !existsSync(join('features', name, 'view-1-00000.safetensors')),
    );
    rmSync(join('features', test as string), { recursive: true });
    const { stderr, code } = await ltml('train', 'own.yaml', '--out', 'some');
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /^features: from features \(f32, exact\); features of (validation|test) images are computed$/m,
    );
  });

  it('of other pictures, pipelines, weights or fewer views are not taken', async () => {
    await encode();
    const none = /^features: none in features fit this encoder, /m;
    const train = async (...settings: string[]) => {
      const args = settings.flatMap((setting) => ['--set', setting]);
      rmSync('other', { recursive: true, force: true });
      const { code, stderr } = await ltml('train', 'own.yaml', '--out', 'other', '--set', 'steps=1', ...args);
      expect(code, stderr).toBe(0);
      return stderr;
    };
    expect(await train()).toMatch(/^features: from features \(f32, exact\)$/m);
    expect(await train('features.views=0')).toMatch(/^features: from features \(f32, exact\)$/m);
    expect(await train('features.views=2')).toMatch(/features of training images are computed/);
    expect(await train('encoder.weights=none')).toMatch(none);
    expect(await train('pictures.size=24')).toMatch(none);
    expect(await train('pictures.flip=true')).toMatch(/features of training images are computed/);
    const photo = join('photos', 'test', readdirSync('photos/test')[0]);
    const { atime, mtime } = statSync(photo);
    utimesSync(photo, atime, new Date(mtime.getTime() + 5000));
    expect(await train()).toMatch(/features of test images are computed/);
    utimesSync(photo, atime, mtime);
  });
});
