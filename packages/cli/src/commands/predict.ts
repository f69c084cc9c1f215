import { UsageError } from '@ltml/recipes/usage-error';
import type { Command } from 'commander';
import { backendOption, positiveInteger } from '../option-parsers.ts';
import type { PredictOptions } from '../run/predict.ts';
import type { PredictLabelsOptions } from '../run/predict-labels.ts';

type Options = PredictOptions & Omit<PredictLabelsOptions, 'labels'> & { labels?: string[]; labelsFile?: string };

export function registerPredict(program: Command): void {
  program
    .command('predict')
    .description('print the classes that the learner of a run sees in pictures, or how well any labels fit them')
    .usage('[options] <run> <image...>\n       ltml predict [options] --labels <list> <image...>')
    .argument('<path...>', 'folder that `ltml train` wrote, unless labels are given; then pictures, or folders of them')
    .option('--labels <list>', 'any texts, parted by commas, for which no run is needed', (text) => text.split(','))
    .option('--labels-file <path>', 'the same from a file, one a line')
    .option('--template <text>', 'with labels: the prompt, {} for the label (default: "There is a {} in the scene")')
    .option('--evidence <dir>', 'with labels: folder for pictures of where the evidence for each printed label lies')
    .option('--explain <dir>', 'for a run of CPRFL: folder for pictures of where each printed class looks')
    .option('--top <count>', 'classes printed of each picture, the likeliest first', positiveInteger, 5)
    .option('--best', 'the best weights so far of a run that has not finished; a finished run has those it selected')
    .option(
      '--as-stored',
      'take pictures as their files store them, as the papers do (default: turned upright by EXIF)',
    )
    .option('--skip-broken', 'go on after a picture that cannot be read, and count it')
    .addOption(backendOption())
    .option('--json', 'print a line of JSON for each picture')
    .addHelpText(
      'after',
      `
Scores of a run are its learner's: logits for the classifier, higher is likelier. Scores of free labels are those of MKT,
relative to the other labels of the list; the network is tiny-clip, which knows digits in colours.

Examples:
  ltml predict runs/bce scene.png
  ltml predict runs/bce photos/ --json --skip-broken > predictions.jsonl
  ltml predict runs/cprfl scene.png --top 3 --explain maps
  ltml predict scene.png --labels "red three, green seven" --evidence maps
  ltml predict photos/ --labels-file labels.txt --json > predictions.jsonl`,
    )
    .action(async (paths: string[], { labels, labelsFile, ...options }: Options) => {
      if (labels && labelsFile !== undefined) throw new UsageError('--labels and --labels-file: give one of them');
      const given = labels ?? labelsFile;
      if (given !== undefined) {
        const needsRun = (['best', 'explain'] as const).find((name) => options[name] !== undefined);
        if (needsRun) throw new UsageError(`--${needsRun}: is for the learner of a run, and with labels there is none`);
        const { predictLabels } = await import('../run/predict-labels.ts');
        await predictLabels(paths, { ...options, labels: given });
        return;
      }
      const [run, ...images] = paths;
      if (images.length === 0)
        throw new UsageError("ltml predict: missing pictures after the run's folder, or --labels");
      const needsLabels = (['template', 'evidence'] as const).find((name) => options[name] !== undefined);
      if (needsLabels) throw new UsageError(`--${needsLabels}: is for free labels, see --labels`);
      const { predict } = await import('../run/predict.ts');
      await predict(run, images, options);
    });
}
