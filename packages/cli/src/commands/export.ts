import { type Command, Option } from 'commander';
import { positiveInteger } from '../option-parsers.ts';
import type { ExportOptions } from '../run/export.ts';

export function registerExport(program: Command): void {
  program
    .command('export')
    .description('export the model of a run for other programs')
    .argument('<run>', 'folder that `ltml train` wrote')
    .requiredOption('--saved-model <dir>', 'write a TensorFlow SavedModel into this new folder')
    .option('--batch <n>', 'number of pictures that the model takes at a time', positiveInteger, 1)
    .option('--best', 'take the best weights so far of a run that has not finished (a finished run has its own choice)')
    .addOption(
      new Option('--backend <name>', 'the TensorFlow engine that writes the model')
        .choices(['tensorflow', 'tensorflow-gpu'])
        .default('tensorflow'),
    )
    .addHelpText(
      'after',
      `
The model takes pictures [batch, height, width, 3], RGB levels 0 to 255, of the size that was trained on, and gives the scores
[batch, classes] that \`ltml predict\` prints. The names of the classes are in assets.extra/classes.json.

Example:
  ltml export runs/bce --saved-model models/bce
  python3 -c "import tensorflow as tf; print(tf.saved_model.load('models/bce').signatures['serving_default'])"`,
    )
    .action(async (run: string, options: ExportOptions) => {
      const { exportRun } = await import('../run/export.ts');
      await exportRun(run, options);
    });
}
