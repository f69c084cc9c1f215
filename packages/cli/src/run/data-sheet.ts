import type { LabelledPictures } from '@ltml/data';
import type { Picture } from '@ltml/images';
import { readDataSet } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { htmlPage, type Markup, markup } from '@ltml/report';
import { writeFileAtomically } from '@ltml/tensor/node';
import { printLines } from '../terminal.ts';
import { images, type Shown } from './sheet/shown.ts';
import { trainingOf, variants } from './sheet/training-sections.ts';

/** Options of `ltml data sheet`. */
export interface SheetOptions {
  readonly out: string;
  readonly split: string;
  readonly count: number;
  readonly augment?: boolean;
  readonly set: readonly string[];
}

const style = `
.sheet { display: flex; flex-wrap: wrap; gap: 16px; padding: 0; list-style: none; }
.sheet li, .steps { font-size: 12px; color: var(--soft); }
.sheet li { max-width: 128px; overflow-wrap: anywhere; }
.sheet.wide li { max-width: none; }
.sheet img, .steps img { width: 128px; height: 128px; object-fit: contain; background: var(--line); margin-right: 6px; }
.sheet b { display: block; color: var(--ink); font-weight: 500; }
.scroll { overflow-x: auto; }
.steps th { text-align: left; font-weight: 500; padding: 0 6px 4px 0; }
.steps td { padding: 0 0 6px; }
`;

/** Writes an HTML page with pictures and their labels. */
export async function writeSheet(
  file: string,
  { out, split, count, augment = false, set }: SheetOptions,
): Promise<void> {
  const dataSet = await readDataSet(file, set);
  const { name, splits } = dataSet;
  const classes = dataSet.classes.map((entry) => entry.name);
  const part = (splits as Readonly<Record<string, LabelledPictures | undefined>>)[split];
  if (!part) throw new UsageError(`--split: unknown "${split}"; known: ${Object.keys(splits).join(', ')}`);
  const number = Math.min(count, part.pictures.length);
  const shown: Shown[] = [];
  for (let at = 0; at < number; at++) {
    const index = Math.floor((at * part.pictures.length) / number);
    shown.push({ index, picture: await part.pictures.read(index) });
  }
  const training = augment ? await trainingOf({ file, set }, part, shown, classes) : undefined;
  const items: Markup[] = [];
  for (const [place, { index, picture }] of shown.entries()) {
    const epochs = training ? Array.from({ length: variants }, (_, epoch) => epoch) : [];
    const pictures = [picture, ...epochs.map((epoch) => training?.pictures.whole(picture, place, epoch) as Picture)];
    const labels = Array.from(part.labels.row(index).present, (c) => classes[c]).join(', ') || 'no label';
    items.push(markup`<li>${await images(pictures)}<b>${labels}</b>${part.pictures.key(index)}</li>`);
  }
  const title = `${name}, ${split}`;
  const body = markup`<header><h1>${title}</h1><p>${number} of ${part.pictures.length} pictures.</p></header>
${training?.sections ?? []}<ul class="${augment ? 'sheet wide' : 'sheet'}">${items}</ul>`;
  await writeFileAtomically(out, [htmlPage(title, body, style)]);
  await printLines(out);
}
