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
    .description('print the classes that a trained model predicts for pictures, or rank any labels for them')
    .usage('[options] <model> <image...>\n       ltml predict [options] --labels <list> [model] <image...>')
    .argument(
      '<path...>',
      'a run or a model bundle (may be left out with --labels), then pictures, folders of pictures, or - to read paths from standard input',
    )
    .option('--out <file>', 'write the predictions of every class to this file; an unfinished file is continued')
    .addOption(
      new Option('--format <name>', 'output format (default: by the ending of --out, else a table)').choices(formats),
    )
    .addOption(
      new Option(
        '--tta <views>',
        'test-time augmentation: average the scores over several views of each picture',
      ).choices(views),
    )
    .option('--labels <list>', 'rank these texts, separated by commas, instead of the classes of the model', (text) =>
      text.split(','),
    )
    .option('--labels-file <path>', 'the same, from a file with one text on each line')
    .option(
      '--template <text>',
      'for labels without a model: the prompt, with {} for the label (default: "There is a {} in the scene")',
    )
    .option('--encoder <name>', 'for labels without a model: the CLIP that ranks them (default: tiny-clip)')
    .option('--weights <path>', 'weights of that CLIP, written as in a recipe (`encoder.weights`)')
    .option(
      '--evidence <dir>',
      'write a picture for each printed class or label that shows where the model looks, into this folder (cprfl, sarb, mkt, mlc-nc, coop, piaa, labels)',
    )
    .option('--top <count>', 'number of classes or labels to print for each picture, best first', positiveInteger, 5)
    .option(
      '--best',
      'use the best weights so far, for a run that has not finished (a finished run has its own choice)',
    )
    .option('--as-stored', 'do not turn pictures upright by their EXIF orientation, as in the papers')
    .option('--skip-broken', 'skip pictures that cannot be read, and count them')
    .addOption(featuresOption())
    .addOption(backendOption())
    .option('--json', 'print one line of JSON for each picture, like --format jsonl')
    .addHelpText(
      'after',
      `
Scores of a run are what its method gives, e.g. logits for the classifier: higher is likelier. Probabilities use the
temperature that \`ltml tune\` chose, and its thresholds decide which classes are present. Scores of free labels only
rank them within the list: they change with the other labels. Free labels need a model that reads texts (mkt, ram,
coop, piaa, sparc, tagclip), or no model. Without a model a CLIP of the zoo ranks them (\`ltml weights pull\`
downloads its weights), or tiny-clip, which knows only digits in three colours.

A file of predictions (--out) grows as FILE.partial and gets its name when it is complete. If the command is killed,
give it again to continue: no picture is lost or written twice. With --skip-broken the file has a row for each broken
picture, with the reason. CSV and Parquet have the columns path, labels (joined by "; "), error, and one column per
class: its probability, or its score if the method gives no probabilities.

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
      if (labels && labelsFile !== undefined) throw new UsageError('--labels and --labels-file: give only one of them');
      const given = labels ?? labelsFile;
      const [first, ...images] = paths;
      const { isModel } = await import('../run/predict/is-model.ts');
      if (given !== undefined && !isModel(first)) {
        const needsModel = (['best', 'tta'] as const).find((name) => options[name] !== undefined);
        if (needsModel) throw new UsageError(`--${needsModel}: needs a model, and ${first} is none`);
        const { predictLabels } = await import('../run/predict-labels.ts');
        await predictLabels(paths, { ...options, labels: given });
        return;
      }
      if (images.length === 0) throw new UsageError('ltml predict: give pictures after the model, or --labels');
      const own = (['template', 'encoder', 'weights'] as const).find((name) => options[name] !== undefined);
      if (own) throw new UsageError(`--${own}: is for labels without a model; this model has its own`);
      const { predict } = await import('../run/predict.ts');
      await predict(first, images, { ...options, ...(given !== undefined && { labels: given }) });
    });
}
