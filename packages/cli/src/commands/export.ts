import { UsageError } from '@ltml/recipes/usage-error';
import { type Command, Option } from 'commander';
import { backendOption } from '../option-parsers.ts';
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
    .description('write a trained model as a bundle, or in a format of other programs')
    .argument('<model>', 'folder that `ltml train` wrote, or a model bundle')
    .addOption(
      new Option('--to <format>', 'model bundle, TensorFlow SavedModel, TensorFlow.js graph model or ONNX')
        .choices(['bundle', 'savedmodel', 'tfjs', 'onnx'])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <path>', 'the new folder, or for ONNX the new file')
    .option(
      '--best',
      'use the best weights so far, for a run that has not finished (a finished run has its own choice)',
    )
    .addOption(
      new Option('--storage <type>', 'for a bundle: number type of the stored weights (default: float32)').choices([
        'float32',
        'float16',
        'int8',
      ]),
    )
    .option('--licence <spdx>', 'for a bundle: the licence of its weights, e.g. CC-BY-4.0')
    .addOption(backendOption())
    .addHelpText(
      'after',
      `
\`ltml predict\` and web pages load a bundle. float16 and int8 weights change the scores a little: the change on
sample pictures is printed, and stored in model.json of the bundle.

In the other formats the model takes pictures [batch, height, width, 3], RGB from 0 to 255, in the size of training.
It gives the scores [batch, classes] that \`ltml predict\` prints. The batch size is free. The engine tensorflow
(default) or tensorflow-gpu writes these formats. Before the file is kept,
its scores of sample pictures are compared with LTML's. The file has the class names: savedmodel in
assets.extra/classes.json; tfjs in userDefinedMetadata of model.json; onnx in the metadata "classes".

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
