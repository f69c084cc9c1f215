import { classGroups, type DataSet, type LabelledPictures, type LabelSummary, summarizeLabels } from '@ltml/data';
import { readDataSet } from '@ltml/recipes/node';
import { htmlPage, htmlRow, htmlTable, markup, renderSvg } from '@ltml/report';
import { classStatistics, type FrequencyGroups } from '@ltml/tensor/labels';
import { writeFileAtomically } from '@ltml/tensor/node';
import { countsChart } from '../counts-chart.ts';
import { printJson, printLines } from '../terminal.ts';
import { textTable } from '../text-table.ts';

/** Options of `ltml data stats`. */
export interface StatsOptions {
  readonly set: readonly string[];
  readonly page?: string;
  readonly json?: boolean;
}

/** Number of pairs of classes that are shown. */
const shownPairs = 10;

/** The counts, and the names to show them with. */
interface Stats {
  readonly name: string;
  readonly classes: readonly string[];
  readonly splits: Readonly<Record<string, LabelSummary>>;
  readonly groups: FrequencyGroups;
}

/** Prints label counts of a recipe's data. */
export async function printStats(file: string, { set, page, json }: StatsOptions): Promise<void> {
  const stats = statsOf(await readDataSet(file, set));
  if (page !== undefined) await writeFileAtomically(page, [statsPage(stats)]);
  if (json) await printJson(asJson(stats), 2);
  else await printLines(...formatStats(stats));
}

function statsOf({ name, classes, splits, protocol }: DataSet): Stats {
  const parts = Object.entries(splits).filter((entry): entry is [string, LabelledPictures] => entry[1] !== undefined);
  const counted = Object.fromEntries(parts.map(([split, { labels }]) => [split, summarizeLabels(labels)]));
  return {
    name,
    classes: classes.map((entry) => entry.name),
    splits: counted,
    groups: classGroups(protocol, classStatistics(splits.train.labels).classCounts),
  };
}

const groupNames = ['head', 'medium', 'tail'] as const;

/** Rows of the table of classes, the most frequent class first. */
function classRows({ classes, splits, groups }: Stats): { readonly head: string[]; readonly rows: string[][] } {
  const summaries = Object.values(splits);
  const isPartial = summaries.some(({ images, positives, negatives }) =>
    positives.some((count, c) => count + negatives[c] < images),
  );
  const order = classes.map((_, c) => c).sort((a, b) => splits.train.positives[b] - splits.train.positives[a] || a - b);
  const groupOf = (c: number): string => groupNames.find((group) => groups[group].includes(c)) as string;
  const known = ({ images, positives, negatives }: LabelSummary, c: number): string =>
    images === 0 ? '–' : ((100 * (positives[c] + negatives[c])) / images).toFixed(1);
  return {
    head: ['class', 'group', ...Object.keys(splits), ...(isPartial ? ['% known in train'] : [])],
    rows: order.map((c) => [
      classes[c],
      groupOf(c),
      ...summaries.map(({ positives }) => `${positives[c]}`),
      ...(isPartial ? [known(splits.train, c)] : []),
    ]),
  };
}

function imageRows({ splits }: Stats): string[][] {
  return Object.entries(splits).map(([split, { images, labelsPerImage }]) => {
    const sum = labelsPerImage.reduce((total, count, labels) => total + count * labels, 0);
    const mean = images === 0 ? '–' : (sum / images).toFixed(2);
    return [split, `${images}`, mean, labelsPerImage.map((count, labels) => `${labels}: ${count}`).join(', ')];
  });
}

const imageHead = ['split', 'images', 'labels per image', 'images by number of labels'];

function pairRows({ classes, splits }: Stats): string[][] {
  return splits.train.pairs
    .slice(0, shownPairs)
    .map(({ classes: [a, b], images }) => [`${classes[a]} + ${classes[b]}`, `${images}`]);
}

/** E.g. `20 classes, 5 head, 8 medium, 7 tail`. */
function groupText({ classes, groups }: Stats): string {
  return `${classes.length} classes, ${groupNames.map((group) => `${groups[group].length} ${group}`).join(', ')}`;
}

function formatStats(stats: Stats): string[] {
  const { head, rows } = classRows(stats);
  const pairs = pairRows(stats);
  return [
    `${stats.name}: ${groupText(stats)}`,
    '',
    ...textTable(imageHead, imageRows(stats)),
    '',
    ...textTable(head, rows),
    ...(pairs.length > 0 ? ['', ...textTable(['together in train', 'images'], pairs)] : []),
  ];
}

function statsPage(stats: Stats): string {
  const { head, rows } = classRows(stats);
  const { classes, splits, name } = stats;
  const chart = renderSvg(countsChart(classes, splits.train.positives), 'Training images of each class');
  const body = markup`<header><h1>${name}</h1><p>${groupText(stats)}</p></header>
<figure>${chart}<figcaption>Training images of each class, most frequent first; a logarithmic axis.</figcaption></figure>
<h2>Images</h2>
${htmlTable(imageHead, imageRows(stats).map(htmlRow))}
<h2>Classes</h2>
${htmlTable(head, rows.map(htmlRow))}
<h2>Classes that occur together</h2>
${htmlTable(['classes', 'training images'], pairRows(stats).map(htmlRow))}`;
  return htmlPage(name, body);
}

function asJson({ name, classes, splits, groups }: Stats): object {
  const counted = Object.entries(splits).map(([split, { images, positives, negatives, labelsPerImage, pairs }]) => {
    const together = pairs.map(({ classes: [a, b], images: count }) => ({
      classes: [classes[a], classes[b]],
      images: count,
    }));
    const lists = { positives: Array.from(positives), negatives: Array.from(negatives) };
    return [split, { images, ...lists, labelsPerImage, pairs: together }];
  });
  return { name, classes, groups, splits: Object.fromEntries(counted) };
}
