import type { Command } from 'commander';
import { collect } from '../option-parsers.ts';
import type { PullCommandOptions } from '../run/pull-weights.ts';

/** @param weights the command group */
export function registerWeightsPull(weights: Command): void {
  weights
    .command('pull')
    .description('download the weights of a model from the Hugging Face hub into the cache that its programs share')
    .argument('<model>', 'owner/name')
    .option('--revision <name>', 'branch, tag, commit or refs/pr/N (default: main)')
    .option(
      '--file <path>',
      'download this file instead of weights, configuration and tokenizer; may be repeated',
      collect,
      [],
    )
    .option('--json', 'print commit and files as JSON')
    .addHelpText(
      'after',
      '\nUses HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE, HF_HUB_CACHE and HF_HOME from the environment.' +
        '\n\nExamples:\n  ltml weights pull timm/resnet101.tv_in1k\n  ltml weights pull timm/resnet50_clip.openai --json',
    )
    .action(async (model: string, options: PullCommandOptions) => {
      const { pullWeights } = await import('../run/pull-weights.ts');
      await pullWeights(model, options);
    });
}
