import { type Command, Option } from 'commander';
import { backendOption, collect, wholeNumber } from '../option-parsers.ts';
import type { EncodeOptions } from '../run/encode.ts';

export function registerEncode(program: Command): void {
  program
    .command('encode')
    .description('compute the features of a frozen encoder once and store them on disk, for all later runs')
    .argument('<what>', 'a recipe, or a folder of pictures')
    .option('--encoder <name>', 'encoder to use (default: that of the recipe; for a folder: resnet-tiny)')
    .option('--weights <path>', 'weights of the encoder, written as in a recipe (`encoder.weights`)')
    .addOption(
      new Option('--encoding <name>', 'what to store of each image (default: what the method takes)').choices([
        'features',
        'featureMap',
        'patches',
      ]),
    )
    .option('--views <k>', 'augmented views of each training image, in addition to the plain one', wholeNumber)
    .addOption(
      new Option('--storage <format>', 'f32 is exact; f16 takes half the disk space, int8 a quarter')
        .choices(['f32', 'f16', 'int8'])
        .default('f32'),
    )
    .option('--out <dir>', 'folder of features (default: `features.dir` of the recipe, else `features`)')
    .option('--set <key=value>', 'change an entry of the recipe; may be repeated', collect, [])
    .option('--workers <n>', 'threads that read pictures from files (default: cores - 1)', wholeNumber)
    .addOption(backendOption())
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      `
Disk space and time are printed before work begins. If the command was stopped, call it again to continue; damaged
files are computed anew. \`ltml train\`, \`eval\`, \`tune\`, \`errors\` and \`predict\` use the stored features if
encoder, weights, pipeline and pictures are the same, and print that they do.

Examples:
  ltml encode own.yaml
  ltml encode own.yaml --views 4 --storage f16
  ltml encode photos/ --encoder tiny-clip --encoding patches --out features`,
    )
    .action(async (what: string, options: EncodeOptions) => {
      const { encode } = await import('../run/encode.ts');
      await encode(what, options);
    });
}
