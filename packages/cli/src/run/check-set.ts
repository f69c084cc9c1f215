import { stat } from 'node:fs/promises';
import { type CheckedFact, type PublishedSet, type PublishedSetName, publishedSets, type SplitRole } from '@ltml/data';
import {
  checkPublishedFiles,
  checkPublishedSet,
  type PictureNames,
  type ReadSet,
  readPublishedSet,
  sharedImages,
} from '@ltml/data/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { LtmlError } from '@ltml/tensor';
import { ProgressLine } from '../progress-line.ts';
import { printErrors, printJson, printLines } from '../terminal.ts';

/** Options of `ltml data check` for a published set. */
export interface CheckSetOptions {
  /** `set=dir`: another published set that may have the same pictures. */
  readonly with?: string;
  /** Options of the set, each as `option=value`. */
  readonly set: readonly string[];
  readonly json?: boolean;
}

/** The findings of a check. */
interface SetFindings {
  readonly set: string;
  readonly title: string;
  /** The page where its authors publish it. */
  readonly source: string;
  readonly splits: readonly { readonly name: string; readonly role: SplitRole; readonly images: number }[];
  readonly facts: readonly CheckedFact[];
  /** Pictures that a list names and that do not exist. */
  readonly missing: readonly string[];
  /** Pictures that are in two splits of this set, or in this set and another one. */
  readonly shared: readonly {
    readonly splits: readonly [string, string];
    readonly count: number;
    readonly examples: readonly (string | number)[];
  }[];
  readonly warnings: readonly string[];
}

/** Whether a published set has this name. */
export function isPublishedSet(name: string): name is PublishedSetName {
  return Object.hasOwn(publishedSets, name);
}

/** Compares a data set with the published one and prints the differences. Sets exit code 1 if there are any. */
export async function checkSet(name: PublishedSetName, directory: string, options: CheckSetOptions): Promise<void> {
  const { title, source, splits } = publishedSets[name] as PublishedSet;
  const other = otherSet(options.with);
  await checkFolder(directory, source);
  const warnings: string[] = [];
  const request = { root: directory, ...optionsOf(options.set), onWarning: (text: string) => warnings.push(text) };
  const {
    set,
    facts: counted,
    missing,
  } = await checkPublishedSet(name, request as never).catch((error: unknown) => {
    // A list is missing or broken.
    if (LtmlError.is(error)) printErrors(`${title}: the authors publish it at ${source}`);
    throw error;
  });
  const facts = [...(await checkFiles(name, directory)), ...counted];
  const shared = [...ownShared(set), ...(await otherShared(set, other))];
  const found: SetFindings = {
    set: name,
    title,
    source,
    splits: (Object.entries(splits) as [SplitRole, string][]).flatMap(([role, split]) => {
      const read = set.splits[split];
      return read ? [{ name: split, role, images: read.labels.rows }] : [];
    }),
    facts,
    missing,
    shared,
    warnings,
  };
  const complete = missing.length === 0 && shared.length === 0 && facts.every(({ holds }) => holds);
  if (options.json) await printJson({ ...found, directory, complete }, 2);
  else await printLines(...formatFindings(found, complete));
  if (!complete) process.exitCode = 1;
}

/** Compares the published files in the folder with their checksums. */
async function checkFiles(name: PublishedSetName, directory: string): Promise<readonly CheckedFact[]> {
  const line = new ProgressLine();
  try {
    return await checkPublishedFiles(name, {
      root: directory,
      onProgress: (done, all, file) => line.show(done / all, `checksum of ${file}`),
    });
  } finally {
    line.clear();
  }
}

async function checkFolder(directory: string, source: string): Promise<void> {
  const stats = await stat(directory).catch(() => undefined);
  if (!stats?.isDirectory())
    throw new UsageError(`data check: ${directory} is no folder; the authors publish the data set at ${source}`);
}

/** Options of the reader from `option=value`; `lists.train=FILE` gives the list of a split. */
function optionsOf(settings: readonly string[]): object {
  const lists: Record<string, string> = {};
  const options: Record<string, string | number> = {};
  for (const setting of settings) {
    const [, key, value] = /^([\w.]+)=(.*)$/s.exec(setting) ?? [];
    if (key === undefined) throw new UsageError(`--set ${setting}: should be option=value`);
    const split = /^lists\.(.+)$/.exec(key)?.[1];
    if (split !== undefined) lists[split] = value;
    else options[key] = /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  }
  return { lists, options };
}

/** Pictures that are in several splits of one set. */
function ownShared({ splits }: ReadSet): SetFindings['shared'] {
  const names = Object.keys(splits);
  return names.flatMap((a, i) =>
    names.slice(i + 1).flatMap((b) => {
      const same = samePictures(splits[a].pictures, splits[b].pictures);
      return same.length === 0 ? [] : [{ splits: [a, b] as const, count: same.length, examples: same.slice(0, 5) }];
    }),
  );
}

/** Paths that both lists have. Only the shorter list is held in memory: the other one may have millions. */
function samePictures(a: PictureNames, b: PictureNames): readonly string[] {
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a];
  const paths = new Set<string>();
  for (let i = 0; i < shorter.length; i++) paths.add(shorter.path(i));
  const same: string[] = [];
  for (let i = 0; i < longer.length; i++) {
    const path = longer.path(i);
    if (paths.has(path)) same.push(path);
  }
  return same;
}

interface OtherSet {
  readonly name: PublishedSetName;
  readonly directory: string;
}

/** @param other `set=dir` */
function otherSet(other: string | undefined): OtherSet | undefined {
  if (other === undefined) return undefined;
  const [, name, directory] = /^([\w-]+)=(.+)$/s.exec(other) ?? [];
  if (name !== undefined && isPublishedSet(name)) return { name, directory };
  throw new UsageError(`--with ${other}: should be SET=DIR, e.g. coco17=coco`);
}

/** Pictures that another set has, too, compared by their COCO ids. */
async function otherShared(set: ReadSet, other: OtherSet | undefined): Promise<SetFindings['shared']> {
  if (!other) return [];
  const { name, directory } = other;
  const read = await readPublishedSet(name, { root: directory, missing: [], onWarning: printErrors });
  return sharedImages(set, read).map(({ splits: [a, b], ...rest }) => ({ splits: [a, `${b} of ${name}`], ...rest }));
}

function formatFindings(found: SetFindings, complete: boolean): string[] {
  const { title, source, splits, facts, missing, shared, warnings } = found;
  const width = facts.reduce((widest, { what }) => Math.max(widest, what.length), 0);
  return [
    `${title}: ${splits.map(({ name, role, images }) => `${images} images of ${name} for ${role}`).join(', ')}`,
    ...facts.map(({ what, found: value, expected, holds }) => {
      return `${holds ? 'ok   ' : 'wrong'}  ${what.padEnd(width)}  ${value}${holds ? '' : `, expected ${expected}`}`;
    }),
    ...warnings.map((text) => `warning: ${text}`),
    ...shared.map(
      ({ splits: [a, b], count, examples }) => `${count} pictures are in ${a} and in ${b}: ${examples.join(', ')} …`,
    ),
    missing.length > 0 ? `missing pictures: ${missing.length}` : 'no picture is missing',
    ...missing.slice(0, 20).map((file) => `  ${file}`),
    ...(missing.length > 20 ? ['  …'] : []),
    ...(complete ? [] : [`the authors publish it at ${source}`]),
  ];
}
