// How long a checkpoint of ResNet-101's size takes to load, and how much memory meanwhile (Linux):
// node --import tsx packages/backbone/scripts/measure-loading.ts [engine]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { useBackend } from '@ltml/engines';
import { type HostTensor, RandomStream } from '@ltml/tensor';
import { writeSafetensorsFile } from '@ltml/tensor/node';
import { loadResNet, resnet101 } from '../src/index.ts';
import { withWeights } from '../src/node/index.ts';

const [engine, path] = process.argv.slice(2) as ['tensorflow' | 'wasm' | undefined, string | undefined];

if (path === undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'ltml-loading-'));
  const file = join(folder, 'model.safetensors');
  await useBackend(engine ?? 'auto');
  await writeSafetensorsFile(file, randomCheckpoint());
  // A process of its own, which has held nothing else.
  const program = fileURLToPath(import.meta.url);
  spawnSync(process.execPath, ['--import', 'tsx', program, engine ?? 'auto', file], { stdio: 'inherit' });
  rmSync(folder, { recursive: true });
} else {
  const { name } = await useBackend(engine ?? 'auto');
  const megabytes = statSync(path).size / 1e6;
  const before = status('VmRSS');
  writeFileSync('/proc/self/clear_refs', '5');
  const [start, processor] = [performance.now(), process.cpuUsage()];
  const network = await withWeights(path, (file) => loadResNet(file, { classifier: true }));
  await network.bn1.weight.variable.data();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(processor);
  const held = status('VmHWM') - before;
  console.log(
    `${name}: ${megabytes.toFixed(1)} MB in ${seconds.toFixed(2)} s, ${((user + system) / 1e6).toFixed(2)} s of processors, ` +
      `${held.toFixed(0)} MB more memory at most, ${(held / megabytes).toFixed(2)} times the file`,
  );
}

/** Every tensor of torchvision's ResNet-101, with numbers of no meaning. */
function randomCheckpoint(): Map<string, HostTensor> {
  const network = resnet101({ classes: 1000 });
  const random = new RandomStream(1);
  const orders = { OIHW: [3, 2, 0, 1], OI: [1, 0] } as const;
  const tensors = new Map<string, HostTensor>();
  for (const [name, state] of network.namedState()) {
    const order = 'layout' in state && state.layout ? orders[state.layout] : undefined;
    const shape = order ? order.map((axis) => state.shape[axis]) : [...state.shape];
    const data = Float32Array.from({ length: state.shape.reduce((size, n) => size * n, 1) }, () => random.uniform());
    tensors.set(name, { dtype: 'F32', shape, data });
  }
  network.dispose();
  return tensors;
}

/** MB of a line of Linux's account of this process. */
function status(key: 'VmRSS' | 'VmHWM'): number {
  const kilobytes = new RegExp(`${key}:\\s*(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}
