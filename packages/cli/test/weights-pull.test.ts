import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError, OptionError } from '@ltml/tensor';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { registerWeights } from '../src/commands/weights.ts';
import { type Pulled, pull } from '../src/hub/pull.ts';
import { commit, type FakeHub, startFakeHub } from './fake-hub.ts';

const model = 'timm/resnet0.tv_in1k';
const weights = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) % 251));
const files = { 'model.safetensors': weights, 'config.json': Buffer.from('{}'), 'README.md': Buffer.from('hello') };

let cache: string;
let hub: FakeHub;
beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), 'ltml-hub-'));
  hub = await startFakeHub(model, files);
  vi.stubEnv('HF_HUB_CACHE', cache);
  vi.stubEnv('HF_ENDPOINT', `${hub.endpoint}/`);
  vi.stubEnv('HF_TOKEN', '');
  vi.stubEnv('HF_HUB_OFFLINE', '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(cache, { recursive: true });
  await hub.close();
});

const folder = (): string => join(cache, 'models--timm--resnet0.tv_in1k');
/** As text, which is compared much faster than bytes are. */
const contents = ({ files }: Pulled): Record<string, string> =>
  Object.fromEntries(files.map(({ path, file }) => [path, readFileSync(file, 'latin1')]));
const weightsText = weights.toString('latin1');
const contentRequests = (): string[] => hub.requests.filter((request) => request.includes('/resolve/'));

test('weights and configuration come into the layout that all programs for the hub share', async () => {
  const pulled = await pull(model);
  expect(pulled.commit).toBe(commit);
  expect(contents(pulled)).toEqual({ 'model.safetensors': weightsText, 'config.json': '{}' });
  const pointer = join(folder(), 'snapshots', commit, 'model.safetensors');
  expect(pulled.files.at(-1)?.file).toBe(pointer);
  expect(readlinkSync(pointer)).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
  expect(readFileSync(join(folder(), 'refs', 'main'), 'utf8')).toBe(commit);
  expect(readdirSync(join(folder(), 'blobs'))).toHaveLength(2);
});

test('what is in the cache is not fetched again, and with a pinned commit nothing is asked', async () => {
  await pull(model);
  const before = contentRequests().length;
  expect((await pull(model)).files.every(({ already }) => already)).toBe(true);
  expect(contentRequests()).toHaveLength(before);
  const asked = hub.requests.length;
  const pinned = await pull(model, { revision: commit });
  expect(hub.requests).toHaveLength(asked);
  expect(contents(pinned)['model.safetensors']).toBe(weightsText);
});

test('a broken connection is taken up where it ended', async () => {
  hub.mishaps.push('cut', 'cut');
  const pulled = await pull(model, { files: ['model.safetensors'] });
  expect(contents(pulled)['model.safetensors']).toBe(weightsText);
  const [first, second, third] = contentRequests();
  expect(first).not.toContain('bytes=');
  expect(Number(/bytes=(\d+)-/.exec(second)?.[1])).toBeGreaterThan(0);
  expect(Number(/bytes=(\d+)-/.exec(third)?.[1])).toBeGreaterThan(Number(/bytes=(\d+)-/.exec(second)?.[1]));
});

test('another run goes on with what a broken one left, also on a server that knows no ranges', async () => {
  hub.mishaps.push('cut', 'forbid');
  await expect(pull(model, { files: ['model.safetensors'] })).rejects.toThrow(/status 403.*HF_TOKEN/);
  const [left] = readdirSync(join(folder(), 'blobs'));
  expect(left).toMatch(/\.incomplete$/);
  hub.mishaps.push('ignore range');
  const pulled = await pull(model, { files: ['model.safetensors'] });
  expect(contentRequests().at(-1)).toMatch(/bytes=\d+-$/);
  expect(contents(pulled)['model.safetensors']).toBe(weightsText);
});

test('pulls of one model at one time all work, and leave nothing but the content', async () => {
  const pulls = await Promise.all(Array.from({ length: 5 }, () => pull(model)));
  for (const pulled of pulls)
    expect(contents(pulled)).toEqual({ 'model.safetensors': weightsText, 'config.json': '{}' });
  expect(readdirSync(join(folder(), 'blobs'))).toHaveLength(2);
  expect(readdirSync(join(folder(), 'blobs')).join()).not.toMatch(/incomplete/);
});

test('what a killed process left is taken up, and what a living one is writing is left alone', async () => {
  hub.mishaps.push('cut', 'forbid');
  await expect(pull(model, { files: ['model.safetensors'] })).rejects.toThrow();
  const blobs = join(folder(), 'blobs');
  const [left] = readdirSync(blobs);
  const nameOf = (pid: number): string => left.replace('.incomplete', `.${hostname()}-${pid}-0a1b2c3d.incomplete`);
  // No process has this id: it is above the largest that systems give.
  renameSync(join(blobs, left), join(blobs, nameOf(2 ** 30)));
  writeFileSync(join(blobs, nameOf(process.ppid)), 'of another');
  expect(contents(await pull(model, { files: ['model.safetensors'] }))['model.safetensors']).toBe(weightsText);
  expect(contentRequests().at(-1)).toMatch(/bytes=\d+-$/);
  expect(readFileSync(join(blobs, nameOf(process.ppid)), 'utf8')).toBe('of another');
  expect(readdirSync(blobs)).toHaveLength(2);
});

test('content with another hash is refused and deleted', async () => {
  hub.mishaps.push('wrong');
  await expect(pull(model, { files: ['model.safetensors'] })).rejects.toThrow(expect.toSatisfy(DataError.is));
  expect(readdirSync(join(folder(), 'blobs'))).toEqual([]);
  expect(existsSync(join(folder(), 'snapshots'))).toBe(false);
  hub.mishaps.push('wrong');
  await expect(pull(model, { files: ['config.json'] })).rejects.toThrow(/with the hash/);
});

test('offline, the cache answers or nothing does, and nobody is asked', async () => {
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  await expect(pull(model)).rejects.toThrow(/HF_HUB_OFFLINE/);
  expect(hub.requests).toEqual([]);
  vi.stubEnv('HF_HUB_OFFLINE', '');
  await pull(model);
  const asked = hub.requests.length;
  vi.stubEnv('HF_HUB_OFFLINE', 'YES');
  expect(contents(await pull(model))['model.safetensors']).toBe(weightsText);
  await expect(pull(model, { files: ['README.md'] })).rejects.toThrow(/something missing/);
  expect(hub.requests).toHaveLength(asked);
});

test('a private model needs the token, which goes with every request', async () => {
  const guarded = await startFakeHub(model, files, 'hf_secret');
  vi.stubEnv('HF_ENDPOINT', guarded.endpoint);
  await expect(pull(model)).rejects.toThrow(/HF_TOKEN/);
  vi.stubEnv('HF_TOKEN', 'hf_secret');
  expect(contents(await pull(model))['model.safetensors']).toBe(weightsText);
  await guarded.close();
});

test('a model without safetensors, a file that is not there and an unknown model are told apart', async () => {
  const pickles = await startFakeHub(model, { 'pytorch_model.bin': weights });
  vi.stubEnv('HF_ENDPOINT', pickles.endpoint);
  await expect(pull(model)).rejects.toThrow(/got pytorch_model\.bin\. .*--revision/);
  await expect(pull(model, { files: ['nothing.json'] })).rejects.toThrow(/nothing\.json/);
  await expect(pull('timm/nobody')).rejects.toThrow(/Repository not found/);
  await pickles.close();
  await expect(pull(model)).rejects.toThrow(expect.toSatisfy(DataError.is));
});

test('names that would leave the cache are refused', async () => {
  for (const bad of ['resnet', '../x', 'a/../b', 'a/b/c']) {
    await expect(pull(bad)).rejects.toThrow(expect.toSatisfy(OptionError.is));
  }
  await expect(pull(model, { revision: '../../x' })).rejects.toThrow(/--revision/);
  await expect(pull(model, { files: ['/etc/passwd'] })).rejects.toThrow(/--file/);
  expect(hub.requests).toEqual([]);
});

test('progress goes up to the whole', async () => {
  const seen: number[] = [];
  await pull(model, { onProgress: (done, total) => seen.push(done / total) });
  expect(seen.at(-1)).toBe(1);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
});

test('the command prints where the files are', async () => {
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  const program = new Command().exitOverride();
  registerWeights(program);
  await program.parseAsync(['weights', 'pull', model, '--file', 'config.json', '--json'], { from: 'user' });
  const printed = JSON.parse(write.mock.calls[0][0] as string) as Pulled;
  expect(printed).toMatchObject({ repository: model, commit, files: [{ path: 'config.json', already: false }] });
  expect(readFileSync(printed.files[0].file, 'utf8')).toBe('{}');
});
