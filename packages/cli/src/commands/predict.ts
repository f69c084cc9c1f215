import { UsageError } from '@ltml/recipes/usage-error';
import { type Command, Option } from 'commander';
import { backendOption, featuresOption, positiveInteger } from '../option-parsers.ts';
import type { ViewsName } from '../run/predict/views.ts';
import type { PredictOptions } from '../run/predict.ts';
import type { PredictLabelsOptions } from '../run/predict-labels.ts';
import type { FormatName } from '../run/prediction.ts';

const formats: readonly FormatName[] = ['table', 'jsonl', 'csv', 'parquet'];
const views: readonly ViewsName[] = ['flip', 'five-crop', 'scales'];

type Options = Omit<PredictOptions, 'labels'> &
  Omit<PredictLabelsOptions, 'labels'> & { labels?: string[]; labelsFile?: string };

export function registerPredict(program: Command): void {
  program
    .command('predict')
    .description('print the classes that a trained model sees in pictures, or rank any labels for them')
    .usage('[options] <model> <image...>\n       ltml predict [options] --labels <list> [model] <image...>')
    .argument(
      '<path...>',
      'a run or a model bundle (with --labels it may be left out), then pictures, folders of pictures, or - for paths on standard input',
    )
    .option('--out <file>', 'write predictions of every class into this file; begun before, it is gone on with')
    .addOption(
      new Option('--format <name>', 'what to write (default: by the ending of --out, else a table)').choices(formats),
    )
    .addOption(
      new Option('--tta <views>', 'test-time augmentation: average the scores of several views of a picture').choices(
        views,
      ),
    )
    .option('--labels <list>', 'rank these texts, separated by commas, instead of the classes of the model', (text) =>
      text.split(','),
    )
    .option('--labels-file <path>', 'the same, from a file with one text on each line')
    .option(
      '--template <text>',
      'with labels and no model: the prompt, with {} for the label (default: "There is a {} in the scene")',
    )
    .option('--encoder <name>', 'with labels and no model: the CLIP that ranks them (default: tiny-clip)')
    .option('--weights <path>', 'weights of that CLIP, as `encoder.weights` of a recipe has them')
    .option(
      '--evidence <dir>',
      'write a picture for each printed class or label that shows where it is seen, into this folder (cprfl, sarb, mkt, piaa, labels)',
    )
    .option('--top <count>', 'number of classes or labels to print for each picture, best first', positiveInteger, 5)
    .option('--best', 'take the best weights so far of a run that has not finished (a finished run has its own choice)')
    .option(
      '--as-stored',
      'take pictures as their files store them, as the papers do (default: turned upright by EXIF)',
    )
    .option('--skip-broken', 'skip pictures that cannot be read, and count them')
    .addOption(featuresOption())
    .addOption(backendOption())
    .option('--json', 'print one line of JSON for each picture, as --format jsonl')
    .addHelpText(
      'after',
      `
Scores of a run are those of its method, e.g. logits of the classifier: higher is likelier. Their probabilities go by the
temperature, and classes are present by the thresholds, that \`ltml tune\` chose. Scores of free labels rank them within the
list: they change with the other labels. A model of mkt reads them; without a model it is a CLIP of the zoo, whose weights
\`ltml weights pull\` brings, or tiny-clip, which knows digits in three colours only.

A file of predictions (--out) grows as FILE.partial and gets its name when it is complete. Begun and killed, the same command
goes on with it: no picture is lost or written twice. With --skip-broken it says of a picture that cannot be read why. CSV and
Parquet have path, labels (divided by "; "), error, and for each class its probability, or its score where that promises none.

Examples:
  ltml predict runs/bce examples/photos/scene-000.png
  ltml predict runs/bce photos/ --out predictions.csv --skip-broken
  find photos -name '*.jpg' | ltml predict runs/bce - --out predictions.parquet --tta flip
  ltml predict runs/cprfl scene.png --top 3 --evidence maps
  ltml predict runs/mkt photos/ --labels "sunset, harbour, fishing boat"
  ltml predict examples/photos --labels "red three, green seven" --evidence maps
  ltml predict photos/ --labels "sunset, harbour, fishing boat" --encoder clip_vit_b16
  ltml predict photos/ --labels-file labels.txt --json > predictions.jsonl`,
    )
    .action(async (paths: string[], { labels, labelsFile, ...options }: Options) => {
      if (labels && labelsFile !== undefined) throw new UsageError('--labels and --labels-file: give one of them');
      const given = labels ?? labelsFile;
      const [first, ...images] = paths;
      const { isModel } = await import('../run/predict/is-model.ts');
      if (given !== undefined && !isModel(first)) {
        const needsModel = (['best', 'tta'] as const).find((name) => options[name] !== undefined);
        if (needsModel) throw new UsageError(`--${needsModel}: is for a model, and ${first} is none`);
        const { predictLabels } = await import('../run/predict-labels.ts');
        await predictLabels(paths, { ...options, labels: given });
        return;
      }
      if (images.length === 0) throw new UsageError('ltml predict: missing pictures after the model, or --labels');
      const own = (['template', 'encoder', 'weights'] as const).find((name) => options[name] !== undefined);
      if (own) throw new UsageError(`--${own}: is for labels without a model; a model has its own`);
      const { predict } = await import('../run/predict.ts');
      await predict(first, images, { ...options, ...(given !== undefined && { labels: given }) });
    });
}
