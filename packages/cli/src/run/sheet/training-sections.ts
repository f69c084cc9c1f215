import { denseLabels, type LabelledPictures, type Mix, subsetOfSparseLabels } from '@ltml/data';
import { outputSize } from '@ltml/images';
import { mixOf, picturePipelines, readRecipe, resolve } from '@ltml/recipes/node';
import { type Markup, markup } from '@ltml/report';
import { RandomStreams } from '@ltml/tensor';
import { mixedPictures } from './mixed-pictures.ts';
import { images, type Shown } from './shown.ts';
import { type TrainingPictures, trainingPictures } from './training-pictures.ts';

/** Number of epochs whose augmented pictures are shown. */
export const variants = 5;
/** How many pictures are shown step by step, and in how many epochs. */
const stepwise = { pictures: 2, epochs: 3 };
/** Largest number of mixed pictures. */
const mostMixed = 24;

/** Pictures as training sees them, and sections of the page: step by step, and mixed. */
export async function trainingOf(
  { file, set }: { readonly file: string; readonly set: readonly string[] },
  part: LabelledPictures,
  shown: readonly Shown[],
  classes: readonly string[],
): Promise<{ readonly pictures: TrainingPictures; readonly sections: readonly Markup[] }> {
  const { value, locate } = readRecipe(file, set);
  const recipe = await resolve(value, locate);
  const random = new RandomStreams(recipe.seed);
  const { size = null } = part.pictures;
  const { train } = await picturePipelines(recipe, size);
  const pictures = trainingPictures(train, random);
  const mix = mixOf(recipe);
  // Only pictures of one size can be mixed.
  if (mix && !size) outputSize(train);
  if (shown.length === 0) return { pictures, sections: [] };
  const sections = [
    await stepsSection(pictures, shown.slice(0, stepwise.pictures)),
    ...(mix ? [await mixedSection(mix, pictures, { part, shown: shown.slice(0, mostMixed), classes, random })] : []),
    markup`<h2>All steps</h2><p>Each picture, and how training sees it in ${variants} epochs.</p>`,
  ];
  return { pictures, sections };
}

async function stepsSection(training: TrainingPictures, shown: readonly Shown[]): Promise<Markup> {
  const rows: Markup[] = [];
  let heads: readonly string[] = [];
  for (const [place, { picture }] of shown.entries()) {
    for (let epoch = 0; epoch < stepwise.epochs; epoch++) {
      const steps = training.steps(picture, place, epoch);
      heads = ['picture', ...steps.map(({ step }) => step)];
      const cells: Markup[] = [];
      for (const one of [picture, ...steps.map((step) => step.picture)])
        cells.push(markup`<td>${await images([one])}</td>`);
      rows.push(markup`<tr>${cells}</tr>`);
    }
  }
  return markup`<h2>Step by step</h2><div class="scroll"><table class="steps">
<tr>${heads.map((head) => markup`<th scope="col">${head}</th>`)}</tr>${rows}</table></div>`;
}

/** What {@link mixedSection} needs besides the mix and the pipeline. */
interface MixedParts {
  readonly part: LabelledPictures;
  readonly shown: readonly Shown[];
  readonly classes: readonly string[];
  readonly random: RandomStreams;
}

/** The section with the shown pictures mixed as one batch. */
async function mixedSection(
  mix: Mix,
  training: TrainingPictures,
  { part, shown, classes, random }: MixedParts,
): Promise<Markup> {
  const plain = shown.map(({ picture }, place) => training.whole(picture, place, 0));
  const rows = shown.map(({ index }) => index);
  const labels = denseLabels(subsetOfSparseLabels(part.labels, rows));
  const items: Markup[] = [];
  for (const { picture, present, unknown } of mixedPictures(mix, plain, labels, { classes, random })) {
    const said = present.map((entry) => `${entry.class} ${Number(entry.label.toFixed(2))}`).join(', ') || 'no label';
    const rest = unknown > 0 ? markup`${unknown} of ${classes.length} unknown` : [];
    items.push(markup`<li>${await images([picture])}<b>${said}</b>${rest}</li>`);
  }
  return markup`<h2>Mixed</h2><p>The pictures below as one batch, with their mixed labels.</p>
<ul class="sheet">${items}</ul>`;
}
