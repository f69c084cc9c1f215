import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listNativeEngines, readNativeStore, removeNativeEngine } from '@ltml/engines/node';
import { NotSupportedError } from '@ltml/tensor';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { installProven } from '../../../src/node/native/install.ts';
import { kernelsPath } from '../../../src/node/native/kernels.ts';
import { processorFlags } from '../../../src/node/native/processor.ts';
import { addonPath, nativeFolder } from '../../../src/node/native/store.ts';
import { makeCompiler, makeScript, makeTinyWheel, proveFake } from './fake-build.ts';
import { tinyTensorFlow } from './make-wheel.ts';

const name = '2.21.0-napi8-cpu';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-install-'));
  vi.stubEnv('LTML_CACHE', join(folder, 'cache'));
  vi.stubEnv('CXX', makeCompiler(folder));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const entries = (): string[] => (existsSync(nativeFolder()) ? readdirSync(nativeFolder()) : []);

/** Makes the engine look as if another tfjs-node, or other C++ of ours, were in it, so that the next install replaces it. */
function age(key: 'tfjsNode' | 'addon' = 'tfjsNode'): void {
  const file = join(nativeFolder(), `${name}.json`);
  const record = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...record, [key]: '0.0.0' }));
}

describe.skipIf(process.platform !== 'linux')('native install', () => {
  test('leaves the libraries, the addon, a record, and nothing else', async () => {
    const { engine, already } = await installProven(proveFake, { from: makeTinyWheel(folder) });
    expect(already).toBe(false);
    expect(engine.name).toBe(name);
    expect(readdirSync(engine.folder).sort()).toEqual(['addon', 'tensorflow']);
    expect(readdirSync(join(engine.folder, 'tensorflow')).sort()).toEqual([
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
    ]);
    expect(Object.keys(engine.sha256)).toHaveLength(2);
    expect(await listNativeEngines()).toEqual([engine]);
    expect(entries()).toHaveLength(2);
  });

  test('a second time does nothing, and says so', async () => {
    const from = makeTinyWheel(folder);
    const first = await installProven(proveFake, { from });
    vi.stubEnv('CXX', '/nowhere/compiler');
    const second = await installProven(proveFake, { from });
    expect(second).toEqual({ ...first, already: true });
  });

  test('an engine without our kernels of today gets them', async () => {
    const from = makeTinyWheel(folder);
    const { engine } = await installProven(proveFake, { from });
    const kernels = kernelsPath(addonPath(engine), 'portable');
    rmSync(kernels);
    const { already } = await installProven(proveFake, { from });
    expect(already).toBe(true);
    expect(existsSync(kernels)).toBe(true);
    // With those for other processors, and two addons.
    expect(readdirSync(dirname(kernels))).toHaveLength(Object.keys(processorFlags()).length + 2);
  });

  test.each(['tfjsNode', 'addon'] as const)('an engine with another %s is built again', async (key) => {
    const from = makeTinyWheel(folder);
    await installProven(proveFake, { from });
    age(key);
    expect((await installProven(proveFake, { from })).already).toBe(false);
    expect((await installProven(proveFake, { from })).already).toBe(true);
  });

  test('an engine that no longer passes its test is built again', async () => {
    const from = makeTinyWheel(folder);
    const first = await installProven(proveFake, { from });
    age();
    const second = await installProven(proveFake, { from });
    expect(second.already).toBe(false);
    expect(existsSync(first.engine.folder)).toBe(false);
    const verdicts = [false, true];
    const prove = async () =>
      verdicts.shift() ? await proveFake() : { works: false as const, reason: 'broken', remedy: '' };
    expect((await installProven(prove, { from })).already).toBe(false);
  });

  test('takes a folder of wheels, and a folder with the unpacked package', async () => {
    makeTinyWheel(join(folder, 'wheels'));
    expect((await installProven(proveFake, { from: join(folder, 'wheels') })).engine.name).toBe(name);
    await removeNativeEngine(name);
    const site = join(folder, 'site-packages');
    for (const [file, text] of Object.entries(tinyTensorFlow)) {
      mkdirSync(dirname(join(site, file)), { recursive: true });
      writeFileSync(join(site, file), text);
    }
    mkdirSync(join(site, 'tensorflow_cpu-2.20.0.dist-info'));
    const { engine } = await installProven(proveFake, { from: site });
    expect(engine.name).toBe('2.20.0-napi8-cpu');
    expect(existsSync(join(site, 'tensorflow/include/tensorflow/c/c_api.h'))).toBe(true);
    rmSync(site, { recursive: true });
    expect(existsSync(join(engine.folder, 'tensorflow/libtensorflow_cc.so.2'))).toBe(true);
  });

  test.each([
    ['no compiler', { CXX: '/nowhere/compiler' }, /C\+\+ compiler should be in PATH.*apt-get install g\+\+/],
    ['a compiler that fails', { CXX: '{fails}' }, /addon should be compiled, got "file\.cc:1: error: no such thing"/],
    ['a cache that cannot be made', { LTML_CACHE: '{fails}/ltml' }, /cache folder should be writable.*LTML_CACHE/],
  ])('%s: one line with the way out, and nothing left', async (_, env, message) => {
    const body = '[ "$1" = --version ] && exit 0\necho "file.cc:1: error: no such thing" >&2; exit 1';
    const fails = makeScript(folder, 'fails', body);
    for (const [key, value] of Object.entries(env)) vi.stubEnv(key, value.replace('{fails}', fails));
    const error = await installProven(proveFake, { from: makeTinyWheel(folder) }).catch((e) => e);
    expect(NotSupportedError.is(error)).toBe(true);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
    expect(entries()).toEqual([]);
  });

  test.each([
    ['no Python', '/nowhere/python', /pip should be installed.*python3-pip.*--from/],
    ['a Python without pip', '{echo "/usr/bin/python3: No module named pip" >&2; exit 1}', /pip should be installed/],
    [
      'no network',
      '{echo "ERROR: Could not find a version that satisfies tensorflow-cpu==2.21.0" >&2; exit 1}',
      /tensorflow-cpu==2\.21\.0 should be downloaded by pip, got "Could not find.*--from WHEEL/,
    ],
  ])('%s: one line with the way out', async (_, python, message) => {
    const script = python.startsWith('{') ? makeScript(folder, 'python', python.slice(1, -1)) : python;
    vi.stubEnv('PYTHON', script);
    const error = await installProven(proveFake, {}).catch((e) => e);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
    expect(entries()).toEqual([]);
  });

  test('what is given by --from and is no TensorFlow is refused', async () => {
    await expect(installProven(proveFake, { from: '/nowhere' })).rejects.toThrow(/nothing at \/nowhere/);
    await expect(installProven(proveFake, { from: folder })).rejects.toThrow(/folder with libtensorflow_cc/);
    const text = join(folder, 'text.txt');
    writeFileSync(text, '');
    await expect(installProven(proveFake, { from: text })).rejects.toThrow(/a wheel or a folder/);
  });

  test('an engine that fails its test is not kept, and the old one stays', async () => {
    const from = makeTinyWheel(folder);
    const { engine } = await installProven(proveFake, { from });
    age();
    const prove = async () => ({ works: false as const, reason: 'wrong numbers', remedy: '' });
    await expect(installProven(prove, { from })).rejects.toThrow(/self-test, got wrong numbers/);
    expect(existsSync(addonPath(engine))).toBe(true);
    expect(await listNativeEngines()).toHaveLength(1);
    expect(entries()).toHaveLength(2);
  });

  test.each([
    ['cut off', (text: string) => text.slice(0, 40)],
    ['empty', () => ''],
    ['null', () => 'null'],
    ['a list', () => '[]'],
    ['without its folder', (text: string) => text.replace(/"folder": .*/, '')],
    ['of another engine', (text: string) => text.replace('2.21.0-napi8-cpu', '2.20.0-napi8-cpu')],
    ['with a folder elsewhere', (text: string) => text.replace(/"folder": "/, '"folder": "../../')],
    ['with hashes that are none', (text: string) => text.replace(/"sha256": [^}]*}/, '"sha256": null')],
  ])('a record that is %s takes nothing from other engines, and the next install puts it right', async (_, damage) => {
    const from = makeTinyWheel(folder);
    const { engine } = await installProven(proveFake, { from });
    const record = join(nativeFolder(), `${name}.json`);
    const text = readFileSync(record, 'utf8');
    const other = '2.20.0-napi8-cpu';
    writeFileSync(join(nativeFolder(), `${other}.json`), text.replace(name, other).replace('"2.21.0"', '"2.20.0"'));
    writeFileSync(record, damage(text));
    const { engines, broken } = await readNativeStore();
    expect(engines.map((one) => one.name)).toEqual([other]);
    expect([...broken.keys()]).toEqual([record]);
    await removeNativeEngine(other);
    const again = await installProven(proveFake, { from });
    expect(again.already).toBe(false);
    expect(again.engine.name).toBe(engine.name);
    expect(await readNativeStore()).toEqual({ engines: [again.engine], broken: new Map() });
  });

  test('a broken record can be removed by its name', async () => {
    mkdirSync(nativeFolder(), { recursive: true });
    writeFileSync(join(nativeFolder(), `${name}.json`), '{');
    expect(await removeNativeEngine('other')).toBe(false);
    expect(await removeNativeEngine(name)).toBe(true);
    expect(entries()).toEqual([]);
  });

  test('killed at any moment it leaves the old state, and the next run clears up', async () => {
    const from = makeTinyWheel(folder);
    vi.stubEnv('CXX', makeCompiler(folder, 0.2));
    await installProven(proveFake, { from });
    for (const delay of [0, 10, 40, 120, 260]) {
      age();
      await killed(from, delay);
      const [engine, ...others] = await listNativeEngines();
      expect(others).toEqual([]);
      expect(existsSync(addonPath(engine as NonNullable<typeof engine>))).toBe(true);
    }
    age();
    await installProven(proveFake, { from });
    expect(entries()).toHaveLength(2);
  });
});

/** Starts an installation in a process of its own and kills it, milliseconds after its start. */
async function killed(from: string, delay: number): Promise<void> {
  const script = fileURLToPath(new URL('./install-process.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', script, from], { env: process.env });
  const end = new Promise((resolve) => child.on('close', resolve));
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  setTimeout(() => child.kill('SIGKILL'), delay);
  await end;
}
