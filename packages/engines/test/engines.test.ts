import { NotSupportedError, OptionError } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { chooseEngine, type EngineLoader, engineError } from '../src/engines.ts';

const works: EngineLoader = async () => {};
const fails = (message: string): EngineLoader => {
  return async () => {
    throw new Error(message);
  };
};

test('auto takes the first engine that works, and tells why not those before it', async () => {
  const loaders = {
    'tensorflow-gpu': async () => Promise.reject(engineError('tensorflow-gpu', 'no card', 'Buy one')),
    tensorflow: fails('libtensorflow is broken'),
    webgpu: works,
    wasm: works,
    cpu: works,
  };
  expect(await chooseEngine('auto', loaders)).toEqual({
    name: 'webgpu',
    rejected: [
      { name: 'tensorflow-gpu', reason: 'no card', remedy: 'Buy one' },
      { name: 'tensorflow', reason: 'libtensorflow is broken', remedy: '' },
    ],
  });
});

test('loaders learn whether the choice is theirs', async () => {
  const seen: boolean[] = [];
  const loader: EngineLoader = async (automatic) => void seen.push(automatic);
  await chooseEngine('wasm', { wasm: loader });
  await chooseEngine('auto', { 'tensorflow-gpu': loader });
  expect(seen).toEqual([false, true]);
});

test('an engine asked for by name that fails is refused, no other taken', async () => {
  const error = await chooseEngine('tensorflow', { tensorflow: fails('no file'), wasm: works }).catch((e) => e);
  expect(NotSupportedError.is(error)).toBe(true);
  expect(error.message).toMatch(/"tensorflow" .* got no file\. Use another engine/);
});

test('without Node the native engines are refused with the way out', async () => {
  await expect(chooseEngine('tensorflow', { wasm: works })).rejects.toThrow(/needs Node\. Use "webgpu" or "wasm"/);
});

test('an unknown name is refused with those that are known', async () => {
  const error = await chooseEngine('gpu', { wasm: works }).catch((e) => e);
  expect(OptionError.is(error)).toBe(true);
  expect(error.message).toContain('auto, tensorflow-gpu, tensorflow, webgpu, wasm, cpu');
});

test('auto without any engine says so', async () => {
  const error = await chooseEngine('auto', { cpu: fails('no memory') }).catch((e) => e);
  expect(NotSupportedError.is(error)).toBe(true);
  expect(error.message).toContain('no memory');
});
