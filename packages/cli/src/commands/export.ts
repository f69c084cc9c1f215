import { UsageError } from '@ltml/recipes/usage-error';
import { type Command, Option } from 'commander';
import type { ExportOptions } from '../run/export/export.ts';
import type { ExportBundleOptions } from '../run/export/export-bundle.ts';

type Options = Omit<ExportOptions, 'to'> &
  Omit<ExportBundleOptions, 'storage'> & {
    to: ExportOptions['to'] | 'bundle';
    storage?: ExportBundleOptions['storage'];
  };

export function registerExport(program: Command): void {
  program
    .command('export')
    .description('write a trained model in a format of other programs')
    .argument('<model>', 'folder that `ltml train` wrote, or a model bundle')
    .addOption(
      new Option('--to <format>', 'model bundle, TensorFlow SavedModel, TensorFlow.js graph model or ONNX')
        .choices(['bundle', 'savedmodel', 'tfjs', 'onnx'])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <path>', 'the new folder, or for ONNX the new file')
    .option('--best', 'take the best weights so far of a run that has not finished (a finished run has its own choice)')
    .addOption(
      new Option('--storage <type>', 'of a bundle: how weights are stored (default: float32)').choices([
        'float32',
        'float16',
        'int8',
      ]),
    )
    .option('--licence <spdx>', 'of a bundle: the licence of its weights, e.g. CC-BY-4.0')
    .addOption(
      new Option('--backend <name>', 'the TensorFlow engine that writes other formats')
        .choices(['tensorflow', 'tensorflow-gpu'])
        .default('tensorflow'),
    )
    .addHelpText(
      'after',
      `
A bundle is what \`ltml predict\` and web pages load. With fewer bits for its weights, the difference that they make to scores of
sample pictures is printed, and stored in its model.json.

In the other formats the model takes pictures [batch, height, width, 3], RGB levels 0 to 255, of the size that was trained on, and gives the scores
[batch, classes] that \`ltml predict\` prints. A batch has any size. Its scores of sample pictures are compared with ours
before the file is kept. The names of the classes are in it: savedmodel: assets.extra/classes.json; tfjs: userDefinedMetadata
of model.json; onnx: the metadata "classes".

Examples:
  ltml export runs/bce --to onnx --out bce.onnx
  ltml export runs/bce --to bundle --storage float16 --out public/bce
  ltml export runs/bce --to tfjs --out public/bce
  ltml export runs/bce --to savedmodel --out models/bce
  python3 -c "import tensorflow as tf; print(tf.saved_model.load('models/bce').signatures['serving_default'])"`,
    )
    .action(async (model: string, { to, storage, licence, ...options }: Options) => {
      if (to === 'bundle') {
        const { exportBundle } = await import('../run/export/export-bundle.ts');
        await exportBundle(model, { ...options, storage: storage ?? 'float32', ...(licence && { licence }) });
        return;
      }
      const [ofBundle] = Object.keys({ ...(storage && { storage }), ...(licence && { licence }) });
      if (ofBundle) throw new UsageError(`--${ofBundle}: is for --to bundle`);
      const { exportRun } = await import('../run/export/export.ts');
      await exportRun(model, { ...options, to });
    });
}
