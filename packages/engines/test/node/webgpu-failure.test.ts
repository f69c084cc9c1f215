import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';

const driver = process.env.VK_ICD_FILENAMES ?? '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Starts WebGPU in a process, runs the lines, and gives what they print. The process must end by itself. */
function withWebGpu(lines: string): string {
  const code = `
    import { useBackend } from '@ltml/engines';
    import * as tf from '@tensorflow/tfjs-core';
    await useBackend('webgpu');
    ${lines}`;
  const child = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
    env: { XDG_RUNTIME_DIR: tmpdir(), ...process.env, VK_ICD_FILENAMES: driver },
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(child.signal, child.stderr).toBeNull();
  expect(child.status, child.stderr).toBe(0);
  return child.stdout;
}

const print = '.then((values) => console.log(values.length), (error) => console.log(error.name, error.message))';

// In processes of their own, so in one run of the suite only.
describe.skipIf(tf.getBackend() !== 'wasm' || !existsSync(driver))(`webgpu through ${driver}`, () => {
  test('a process that has used it ends by itself', () => {
    expect(withWebGpu(`await tf.square(tf.ones([3])).data()${print}`)).toBe('3\n');
  });

  test('a lost device rejects the reads, those under way and those to come', () => {
    const output = withWebGpu(`
        const y = tf.matMul(tf.ones([64, 64]), tf.ones([64, 64]));
        const underWay = y.data()${print};
        tf.backend().device.destroy();
        await underWay;
        await tf.add(y, 1).data()${print};`);
    for (const line of output.trim().split('\n')) expect(line).toMatch(/^NotSupportedError webgpu: the device .* lost/);
  });

  test('a tensor larger than the device can hold rejects the read', () => {
    const output = withWebGpu(`await tf.slice(tf.fill([2 ** 30, 4], 1), [0, 0], [1, 1]).data()${print}`);
    expect(output).toMatch(/^NotSupportedError webgpu: .*Smaller batches need less/);
  });

  test('a synchronous read is refused with the asynchronous one', () => {
    const output = withWebGpu(`
        try { tf.square(tf.ones([300, 300])).dataSync(); } catch (error) { console.log(error.message); }`);
    expect(output).toMatch(/await tensor\.data\(\)/);
  });
});
