import { itemStreams, type LabelledPictures } from '@ltml/data';
import { type ChannelStatistics, type Picture, type Pipeline, resolvePipeline } from '@ltml/images';
import { picturePipelines, readDataSet, readRecipe, resolve } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { htmlPage, type Markup, markup } from '@ltml/report';
import { RandomStreams } from '@ltml/tensor';
import { writeFileAtomically } from '@ltml/tensor/node';
import { printLines } from '../terminal.ts';
import { pictureThumbnail } from '../thumbnail.ts';

export interface SheetOptions {
  readonly out: string;
  readonly split: string;
  readonly count: number;
  readonly augment?: boolean;
  readonly set: readonly string[];
}

/** What the pipeline makes of a picture is shown so many times. */
const variants = 5;

const style = `
.sheet { display: flex; flex-wrap: wrap; gap: 16px; padding: 0; list-style: none; }
.sheet li { font-size: 12px; color: var(--soft); max-width: 128px; overflow-wrap: anywhere; }
.sheet.wide li { max-width: none; }
.sheet img { width: 128px; height: 128px; object-fit: contain; background: var(--line); margin-right: 6px; }
.sheet b { display: block; color: var(--ink); font-weight: 500; }
`;

/** Writes a page with pictures and their labels. */
export async function writeSheet(
  file: string,
  { out, split, count, augment = false, set }: SheetOptions,
): Promise<void> {
  const { name, classes, splits } = await readDataSet(file, set);
  const part = (splits as Readonly<Record<string, LabelledPictures | undefined>>)[split];
  if (!part) throw new UsageError(`--split: "${split}" is none of ${Object.keys(splits).join(', ')}`);
  const shown = Math.min(count, part.pictures.length);
  const change = augment ? changeOf(file, set) : undefined;
  const items: Markup[] = [];
  for (let at = 0; at < shown; at++) {
    const i = Math.floor((at * part.pictures.length) / shown);
    const picture = await part.pictures.read(i);
    const pictures = [picture, ...(change ? change(picture, at) : [])];
    const images: Markup[] = [];
    for (const one of pictures) images.push(markup`<img src="${await pictureThumbnail(one)}" alt="">`);
    const labels = Array.from(part.labels.row(i).present, (c) => classes[c].name).join(', ') || 'no label';
    items.push(markup`<li>${images}<b>${labels}</b>${part.pictures.key(i)}</li>`);
  }
  const title = `${name}, ${split}`;
  const body = markup`<header><h1>${title}</h1><p>${shown} of ${part.pictures.length} pictures.</p></header>
<ul class="${augment ? 'sheet wide' : 'sheet'}">${items}</ul>`;
  await writeFileAtomically(out, [htmlPage(title, body, style)]);
  await printLines(out);
}

/** What training makes of a picture, with levels 0 to 255 again. */
function changeOf(file: string, set: readonly string[]): (picture: Picture, at: number) => Picture[] {
  const { value, locate } = readRecipe(file, set);
  const recipe = resolve(value, locate);
  const pipeline = picturePipelines(recipe).train;
  const transform = resolvePipeline(pipeline);
  const random = new RandomStreams(recipe.seed);
  return (picture, at) =>
    Array.from({ length: variants }, (_, epoch) => {
      return withLevels(transform(picture, itemStreams(random, epoch, () => at)(0)), pipeline);
    });
}

/** The inverse of the pipeline's `normalize`. */
function withLevels({ height, width, pixels }: Picture, pipeline: Pipeline): Picture {
  const step = pipeline.find(({ name }) => name === 'normalize') as ChannelStatistics | undefined;
  if (!step) return { height, width, pixels };
  const levels = Float32Array.from(pixels, (value, i) => value * step.std[i % 3] + step.mean[i % 3]);
  return { height, width, pixels: levels };
}
