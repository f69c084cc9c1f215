import type { Command } from 'commander';
import type { InspectOptions } from '../run/inspect-weights.ts';
import { registerWeightsPull } from './weights-pull.ts';

export function registerWeights(program: Command): void {
  const weights = program.command('weights').description('download pretrained weights, or inspect a weight file');
  weights
    .command('inspect')
    .description('say which network a safetensors file is for; reads only its header')
    .argument('<file>', 'a safetensors file')
    .option('--tensors', 'also list the tensors')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', '\nExample:\n  ltml weights inspect model.safetensors')
    .action(async (file: string, options: InspectOptions) => {
      const { inspectFile } = await import('../run/inspect-weights.ts');
      await inspectFile(file, options);
    });
  registerWeightsPull(weights);
}
