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

export interface CheckSetOptions {
  /** `set=dir`: another set that may have the same pictures. */
  readonly with?: string;
  /** `option=value` of the set. */
  readonly set: readonly string[];
  readonly json?: boolean;
}

/** What a check found. */
interface SetFindings {
  readonly set: string;
  readonly title: string;
  /** Where its authors publish it. */
  readonly source: string;
  readonly splits: readonly { readonly name: string; readonly role: SplitRole; readonly images: number }[];
  readonly facts: readonly CheckedFact[];
  /** Pictures that are listed and not there. */
  readonly missing: readonly string[];
  /** Pictures that stand in two splits, of this set or of another one. */
  readonly shared: readonly {
    readonly splits: readonly [string, string];
    readonly count: number;
    readonly examples: readonly (string | number)[];
  }[];
  readonly warnings: readonly string[];
}

/** Whether a name is that of a published set. */
export function isPublishedSet(name: string): name is PublishedSetName {
  return Object.hasOwn(publishedSets, name);
}

/** Prints what a published data set lacks, and how it differs from the published one; exit code 1 if it does in anything. */
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
    // A list that is missing or broken.
    if (LtmlError.is(error)) printErrors(`${title}: its authors publish it at ${source}`);
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

/** Checksums of the published files that are there. */
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
    throw new UsageError(`data check: ${directory} is no folder; its authors publish it at ${source}`);
}

/** `lists.train=FILE`, or options of the reader. */
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

/** Pictures of several splits of one set. */
function ownShared({ splits }: ReadSet): SetFindings['shared'] {
  const names = Object.keys(splits);
  return names.flatMap((a, i) =>
    names.slice(i + 1).flatMap((b) => {
      const same = samePictures(splits[a].pictures, splits[b].pictures);
      return same.length === 0 ? [] : [{ splits: [a, b] as const, count: same.length, examples: same.slice(0, 5) }];
    }),
  );
}

/** Paths that both have; those of the shorter list alone are held in memory, as the other may have millions. */
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

/** Pictures that another set has too, by their ids in COCO. */
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
    `${title}: ${splits.map(({ name, role, images }) => `${images} images of ${name} are for ${role}`).join(', ')}`,
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
    ...(complete ? [] : [`its authors publish it at ${source}`]),
  ];
}
