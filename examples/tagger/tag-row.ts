import { make } from './elements.ts';
import { showEvidence } from './evidence-view.ts';
import type { Evidence } from './tag-picture.ts';

/** A tag as it is shown and handed out. */
export interface Tag {
  readonly name: string;
  readonly score: number;
  /** What its bar shows, in [0, 1]. */
  readonly share: number;
  readonly threshold: number;
  readonly present: boolean;
}

export interface TagRowOptions {
  /** Head, medium or tail. */
  readonly group: string | undefined;
  readonly evidence: Evidence | undefined;
  readonly onThreshold: (threshold: number) => void;
}

/** A tag with its bar, its threshold, which can be moved, and the evidence for it while it is pointed at. */
export function tagRow(tag: Tag, { group, evidence, onThreshold }: TagRowOptions): HTMLElement {
  const name = make(evidence ? 'button' : 'span', { className: 'name' }, tag.name);
  if (group) name.append(make('span', { className: 'group' }, group));
  const bar = make('div', { className: 'bar' });
  bar.style.setProperty('--share', String(tag.share));
  const slider = make('input', { type: 'range', min: '0', max: '1', step: '0.01', value: String(tag.threshold) });
  slider.setAttribute('aria-label', `Threshold of ${tag.name}`);
  const state = make('span', { className: 'unseen' });
  const value = make('span', { className: 'value' }, tag.share.toFixed(3), state);
  const row = make('li', { className: 'tag' }, name, make('div', { className: 'track' }, bar, slider), value);
  const mark = (threshold: number): void => {
    const present = tag.share >= threshold;
    row.classList.toggle('present', present);
    value.title = `score ${tag.score.toFixed(4)}`;
    state.textContent = present ? ', present' : ', absent';
  };
  mark(tag.threshold);
  slider.addEventListener('input', () => {
    onThreshold(Number(slider.value));
    mark(Number(slider.value));
  });
  if (evidence) showWhilePointedAt(row, name, evidence);
  return row;
}

/** While the pointer or the focus is on a tag; a press keeps it until the next one. */
function showWhilePointedAt(row: HTMLElement, name: HTMLElement, evidence: Evidence): void {
  name.ariaPressed = 'false';
  const pressed = (): boolean => name.ariaPressed === 'true';
  row.addEventListener('pointerenter', () => showEvidence(evidence));
  row.addEventListener('pointerleave', () => pressed() || showEvidence(undefined));
  name.addEventListener('focus', () => showEvidence(evidence));
  name.addEventListener('blur', () => pressed() || showEvidence(undefined));
  name.addEventListener('click', () => {
    const keep = !pressed();
    for (const other of document.querySelectorAll('.name[aria-pressed="true"]')) other.ariaPressed = 'false';
    name.ariaPressed = String(keep);
    showEvidence(keep ? evidence : undefined);
  });
}
