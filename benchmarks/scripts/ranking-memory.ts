// Measures the memory of the ranking loss with its gradient: ours, and PyTorch's with a tensor of all pairs.
//   node --import tsx benchmarks/scripts/ranking-memory.ts [--python python3]
// A figure is the peak of the resident memory minus its value before the loss. Each figure has its own process. The
// engine is `tensorflow`, or else WASM.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { useBackend } from '@ltml/engines';
import { rankingLoss } from '@ltml/losses';
import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

const { values: flags } = parseArgs({
  options: { python: { type: 'string', default: 'python3' }, own: { type: 'string' } },
});
const positives = 7;

if (flags.own) await measureOwn(...(flags.own.split(',').map(Number) as [number, number]));
else {
  for (const [B, C] of [
    [64, 925],
    [64, 7186],
  ]) {
    const own = megabytes(process.execPath, [
      ...process.execArgv,
      fileURLToPath(import.meta.url),
      '--own',
      `${B},${C}`,
    ]);
    // The whole batch does not fit into memory, so measure one image: memory is linear in the number of images.
    const images = C > 1000 ? 1 : B;
    const theirs = (megabytes(flags.python, ['-c', torchProgram(images, C)]) * B) / images;
    const note = images < B ? ` (${B} times that of one image)` : '';
    console.log(
      `[${B}, ${C}]  ours ${own.toFixed(1)} MB, PyTorch ${theirs.toFixed(0)} MB${note}, ratio ${(own / theirs).toFixed(4)}`,
    );
  }
}

function megabytes(command: string, args: string[]): number {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout.trim().split('\n').at(-1));
}

async function measureOwn(B: number, C: number): Promise<void> {
  await useBackend(process.env.LTML_BACKEND as Parameters<typeof useBackend>[0]);
  const random = new RandomStream(1);
  const present = new Float32Array(B * C);
  for (let b = 0; b < B; b++) for (let i = 0; i < positives; i++) present[b * C + random.integer(C)] = 1;
  const logits = tf.tensor2d(
    Float32Array.from({ length: B * C }, () => random.normal(0, 0.03)),
    [B, C],
  );
  const labels = tf.tensor2d(present, [B, C]);
  const run = (rows: number): void => {
    const take = (x: tf.Tensor2D): tf.Tensor2D => tf.slice(x, [0, 0], [rows, C]);
    tf.tidy(() => {
      const { value, grad } = tf.valueAndGrad((x) => rankingLoss(x as tf.Tensor2D, take(labels)))(take(logits));
      value.dataSync();
      grad.dataSync();
    });
  };
  // Calls with one image load and compile the code first.
  for (let i = 0; i < 20; i++) run(1);
  globalThis.gc?.();
  const before = process.resourceUsage().maxRSS;
  run(B);
  console.log((process.resourceUsage().maxRSS - before) / 1024);
}

function torchProgram(B: number, C: number): string {
  return `
import resource, torch
torch.manual_seed(1)
def pairwise(x, y):
    mask = y.unsqueeze(1) * (1 - y).unsqueeze(2)
    hinges = torch.clamp(mask * (1 + x.unsqueeze(2) - x.unsqueeze(1)), min=0)
    violations = torch.sign(hinges).sum((1, 2)).detach()
    return (hinges.sum((1, 2)) / (violations + 1e-8)).mean()
def run(B, C):
    x = (torch.randn(B, C) * 0.03).requires_grad_()
    y = torch.zeros(B, C)
    y[torch.arange(B).repeat_interleave(${positives}), torch.randint(0, C, (${positives} * B,))] = 1
    pairwise(x, y).backward()
for _ in range(5):
    run(1, 20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
run(${B}, ${C})
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
`;
}
