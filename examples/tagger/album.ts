import { byId, make, say } from './elements.ts';
import { showEvidence } from './evidence-view.ts';
import type { Tagged } from './tag-picture.ts';

/** A picture of the album, with what each model said of it. */
export interface Entry {
  readonly file: File;
  readonly url: string;
  readonly button: HTMLButtonElement;
  readonly tagged: Map<object, Tagged>;
}

/** The pictures that were added, and the one that is shown. */
export class Album {
  readonly entries: Entry[] = [];
  /** Names of those that were taken out. */
  readonly unreadable: string[] = [];
  readonly #onShow: (entry: Entry) => void;
  #shown: Entry | undefined;

  constructor(onShow: (entry: Entry) => void) {
    this.#onShow = onShow;
  }

  get shown(): Entry | undefined {
    return this.#shown;
  }

  /** Adds pictures, and shows the first of them. */
  add(files: readonly File[]): void {
    const added = files.map((file) => this.#entryOf(file));
    this.entries.push(...added);
    byId('strip').append(...added.map(({ button }) => make('li', {}, button)));
    this.show(added[0]);
  }

  show(entry: Entry): void {
    if (this.#shown) this.#shown.button.ariaCurrent = 'false';
    this.#shown = entry;
    entry.button.ariaCurrent = 'true';
    const image = byId<HTMLImageElement>('picture');
    Object.assign(image, { src: entry.url, alt: entry.file.name });
    byId('stage').hidden = false;
    byId('caption').textContent = entry.file.name;
    showEvidence(undefined);
    this.#onShow(entry);
  }

  /** Takes out a picture that cannot be read. */
  remove(entry: Entry, reason: string): void {
    this.entries.splice(this.entries.indexOf(entry), 1);
    entry.button.parentElement?.remove();
    URL.revokeObjectURL(entry.url);
    this.unreadable.push(entry.file.name);
    say(reason);
    if (this.#shown !== entry) return;
    this.#shown = undefined;
    byId('stage').hidden = true;
    const [next] = this.entries;
    if (next) this.show(next);
  }

  #entryOf(file: File): Entry {
    const url = URL.createObjectURL(file);
    const button = make('button', { type: 'button' }, make('img', { src: url, alt: file.name, loading: 'lazy' }));
    const entry = { file, url, button, tagged: new Map() };
    button.addEventListener('click', () => this.show(entry));
    return entry;
  }
}
