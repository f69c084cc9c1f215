import type { Model } from '@ltml/recipes';
import type { LabelScorer } from '@ltml/tensor/contract';
import { make, say } from './elements.ts';
import { loadFromAddress, loadFromFolder } from './model-source.ts';
import { defaultThresholds, sharesOf } from './shares.ts';
import type { Tagged } from './tag-picture.ts';
import { type Tag, tagRow } from './tag-row.ts';

/** The place of one model on the page: what loads it, its labels, and the tags of the picture that is shown. */
export class Slot {
  readonly element: HTMLElement = make('article', { className: 'slot' });
  model: Model | undefined;
  /** In place of the model's classes; read once. */
  labels: { readonly names: readonly string[]; readonly scorer: LabelScorer } | undefined;
  /** Of what the user has moved, by tag. */
  readonly #moved = new Map<string, number>();
  readonly #title: HTMLElement;
  readonly #time: HTMLElement = make('span', { className: 'quiet' });
  readonly #list: HTMLElement = make('ol', { className: 'tags' });
  readonly #labelsField: HTMLElement;
  readonly #onChange: () => void;
  #shown: Tagged | undefined;

  /** @param onChange called when there is another model, or other labels */
  constructor(name: string, onChange: () => void) {
    this.#onChange = onChange;
    this.#title = make('h2', {}, name);
    this.#labelsField = this.#makeLabelsField();
    this.#labelsField.hidden = true;
    this.#list.setAttribute('aria-label', `Tags by ${name}`);
    const head = make('div', { className: 'slot-head' }, this.#title, this.#time);
    this.element.append(head, this.#makeLoader(name), this.#labelsField, this.#list);
  }

  /** Takes a model from an address. */
  async load(address: string): Promise<void> {
    await this.#take(() => loadFromAddress(address), address);
  }

  show(tagged: Tagged | undefined): void {
    this.#shown = tagged;
    this.#time.textContent = tagged ? `${tagged.milliseconds.toFixed(0)} ms` : '';
    this.#list.replaceChildren();
    const { model } = this;
    if (!tagged || !model) return;
    const groups = Object.entries(model.groups) as [string, readonly number[]][];
    const tags = this.tagsOf(tagged);
    const order = tags.map((_, i) => i).sort((a, b) => tags[b].share - tags[a].share);
    const rows = order.map((i) =>
      tagRow(tags[i], {
        group: this.labels ? undefined : groups.find(([, classes]) => classes.includes(i))?.[0],
        evidence: tagged.evidence?.[i],
        onThreshold: (threshold) => this.#moved.set(tags[i].name, threshold),
      }),
    );
    this.#list.append(...rows);
  }

  tagsOf({ names, scores }: Tagged): Tag[] {
    const model = this.model as Model;
    const shares = sharesOf(scores, model);
    const defaults = defaultThresholds(shares, { ...model, thresholds: this.labels ? 'mcut' : model.thresholds });
    return names.map((name, i) => {
      const threshold = this.#moved.get(name) ?? defaults[i];
      return { name, score: scores[i], share: shares[i], threshold, present: shares[i] >= threshold };
    });
  }

  /** The tags of the picture that is shown. */
  get shown(): Tag[] {
    return this.#shown && this.model ? this.tagsOf(this.#shown) : [];
  }

  #makeLoader(name: string): HTMLElement {
    const address = make('input', { type: 'text', placeholder: 'models/mine/' });
    address.setAttribute('aria-label', `Address of ${name}`);
    address.addEventListener('change', () => void this.load(address.value));
    const folder = make('input', { type: 'file', multiple: true, webkitdirectory: true });
    folder.addEventListener(
      'change',
      () => void this.#take(() => loadFromFolder([...(folder.files ?? [])]), 'the folder'),
    );
    const button = make('label', { className: 'button' }, 'Folder on this device', folder);
    return make('details', { open: true }, make('summary', {}, 'Model bundle'), address, button);
  }

  #makeLabelsField(): HTMLElement {
    const field = make('input', { type: 'text', placeholder: 'red three, green seven, …' });
    field.addEventListener('change', () => {
      const labels = [...new Set(field.value.split(',').map((label) => label.trim()))].filter((label) => label !== '');
      if (labels.length === 1) return say('Scores rank labels within the list: type two or more.');
      try {
        this.#takeLabels(labels);
      } catch (error) {
        return say((error as Error).message);
      }
      this.#onChange();
    });
    return make('label', {}, 'Any labels, separated by commas', field);
  }

  #takeLabels(names: readonly string[]): void {
    this.labels?.scorer.dispose();
    const scorer = names.length > 0 ? this.model?.learner.labelScorer?.(names) : undefined;
    this.labels = scorer && { names, scorer };
  }

  async #take(load: () => Promise<Model>, from: string): Promise<void> {
    say(`Loading ${from} …`);
    try {
      const model = await load();
      this.#takeLabels([]);
      this.model?.dispose();
      this.model = model;
    } catch (error) {
      say((error as Error).message);
      return;
    }
    const { name, classes, readsLabels } = this.model;
    this.#moved.clear();
    this.#title.textContent = `${name}: ${this.model.recipe.method.name}, ${classes.length} classes`;
    this.#labelsField.hidden = !readsLabels;
    (this.element.querySelector('details') as HTMLDetailsElement).open = false;
    say(`${name} is ready.`);
    this.#onChange();
  }
}
