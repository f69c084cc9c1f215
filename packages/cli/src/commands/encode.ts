import { type Command, Option } from 'commander';
import { backendOption, collect, wholeNumber } from '../option-parsers.ts';
import type { EncodeOptions } from '../run/encode.ts';

export function registerEncode(program: Command): void {
  program
    .command('encode')
    .description('compute the features of a frozen encoder once, and keep them on disk for every later run')
    .argument('<what>', 'a recipe, or a folder of pictures')
    .option('--encoder <name>', 'another encoder than that of the recipe (of a folder: resnet-tiny)')
    .option('--weights <path>', 'weights of the encoder, as `encoder.weights` of a recipe has them')
    .addOption(
      new Option('--encoding <name>', 'what to keep of each image (default: what the method works on)').choices([
        'features',
        'featureMap',
        'patches',
      ]),
    )
    .option('--views <k>', 'augmented views of each training image besides the plain one', wholeNumber)
    .addOption(
      new Option('--storage <format>', 'f32 is exact; f16 takes half of the disk, int8 a quarter')
        .choices(['f32', 'f16', 'int8'])
        .default('f32'),
    )
    .option('--out <dir>', 'folder of features (default: that of the recipe, `features`)')
    .option('--set <key=value>', 'change an entry of the recipe; may be repeated', collect, [])
    .option('--workers <n>', 'threads that read pictures from files (default: cores - 1)', wholeNumber)
    .addOption(backendOption())
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      `
Disk and time are printed before work begins. A command that was stopped goes on when it is called again; damaged files are
computed anew. \`ltml train\`, \`eval\`, \`tune\`, \`errors\` and \`predict\` take features from the folder where encoder, weights, pipeline and
pictures are the same, and say so.

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
