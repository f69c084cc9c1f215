import type { Entry } from './album.ts';
import type { Slot } from './slot.ts';
import type { Tag } from './tag-row.ts';

/** What one model says of one picture, to be handed out. */
export interface Result {
  readonly picture: string;
  readonly model: string;
  readonly tags: readonly Tag[];
}

export function resultsOf(entries: readonly Entry[], slots: readonly Slot[]): Result[] {
  return entries.flatMap(({ file, tagged }) =>
    slots.flatMap((slot) => {
      const scores = tagged.get(slot);
      if (!scores || !slot.model) return [];
      return [{ picture: file.webkitRelativePath || file.name, model: slot.model.name, tags: slot.tagsOf(scores) }];
    }),
  );
}

/** A line for each tag of each picture. */
export function toCsv(results: readonly Result[]): string {
  const rows = results.flatMap(({ picture, model, tags }) =>
    tags.map(({ name, score, share, threshold, present }) => [
      ...[picture, model, name].map(cell),
      ...[score, share, threshold, Number(present)].map(String),
    ]),
  );
  return `${[['picture', 'model', 'tag', 'score', 'share', 'threshold', 'present'], ...rows].map((row) => row.join(',')).join('\r\n')}\r\n`;
}

/** A text as one cell: quoted, and never a formula for a spreadsheet. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Hands a text to the user as a file. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
