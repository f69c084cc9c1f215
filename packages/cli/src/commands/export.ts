import { type Command, Option } from 'commander';
import type { ExportOptions } from '../run/export/export.ts';

export function registerExport(program: Command): void {
  program
    .command('export')
    .description('write a trained model in a format of other programs')
    .argument('<model>', 'folder that `ltml train` wrote, or a model bundle')
    .addOption(
      new Option('--to <format>', 'TensorFlow SavedModel, TensorFlow.js graph model or ONNX')
        .choices(['savedmodel', 'tfjs', 'onnx'])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <path>', 'the new folder, or for ONNX the new file')
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
[batch, classes] that \`ltml predict\` prints. A batch has any size. Its scores of sample pictures are compared with ours
before the file is kept. The names of the classes are in it: savedmodel: assets.extra/classes.json; tfjs: userDefinedMetadata
of model.json; onnx: the metadata "classes".

Examples:
  ltml export runs/bce --to onnx --out bce.onnx
  ltml export runs/bce --to tfjs --out public/bce
  ltml export runs/bce --to savedmodel --out models/bce
  python3 -c "import tensorflow as tf; print(tf.saved_model.load('models/bce').signatures['serving_default'])"`,
    )
    .action(async (model: string, options: ExportOptions) => {
      const { exportRun } = await import('../run/export/export.ts');
      await exportRun(model, options);
    });
}
