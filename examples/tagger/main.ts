import { Album, type Entry } from './album.ts';
import { decode } from './decode.ts';
import { byId, say } from './elements.ts';
import { startEngine } from './engine.ts';
import { keepForOffline } from './offline.ts';
import { listenForPictures } from './picture-sources.ts';
import { download, resultsOf, toCsv } from './results.ts';
import { Slot } from './slot.ts';
import { tagPicture } from './tag-picture.ts';

const parameters = new URLSearchParams(location.search);
const slots = ['model A', 'model B'].map((name) => new Slot(name, () => retag()));
const album = new Album((entry) => showTags(entry));

byId('slots').append(...slots.map(({ element }) => element));
listenForPictures((files) => {
  album.add(files);
  void tagAll();
});
byId('copy').addEventListener('click', () => void copy());
byId('csv').addEventListener('click', () => download('tags.csv', 'text/csv', toCsv(resultsOf(album.entries, slots))));
byId('json').addEventListener('click', () =>
  download('tags.json', 'application/json', JSON.stringify(resultsOf(album.entries, slots), null, 2)),
);
listenForEngine();
void start();

async function start(): Promise<void> {
  try {
    byId('engine').textContent = await startEngine(parameters.get('engine') ?? 'auto');
  } catch (error) {
    byId('engine').textContent = 'none';
    say((error as Error).message);
    return;
  }
  say('Choose a model bundle, then pictures.');
  const addresses = parameters.getAll('model').slice(0, slots.length);
  for (const [i, address] of addresses.entries()) await slots[i].load(address);
  await keepForOffline();
}

/** Another engine begins anew, with the same models. */
function listenForEngine(): void {
  const choice = byId<HTMLSelectElement>('engine-choice');
  choice.value = parameters.get('engine') ?? 'auto';
  choice.addEventListener('change', () => {
    parameters.set('engine', choice.value);
    location.search = parameters.toString();
  });
}

/** After a change of a model or of its labels. */
function retag(): void {
  for (const { tagged } of album.entries) tagged.clear();
  if (album.shown) showTags(album.shown);
  void tagAll();
}

function showTags({ tagged }: Entry): void {
  for (const slot of slots) slot.show(tagged.get(slot));
}

let running = false;

/** Tags what is not tagged yet, first the picture that is shown. */
async function tagAll(): Promise<void> {
  if (running) return;
  running = true;
  try {
    for (;;) {
      const next = nextToTag();
      if (!next) break;
      await tag(next);
    }
  } finally {
    running = false;
  }
}

function nextToTag(): Entry | undefined {
  const ready = slots.filter(({ model }) => model);
  const isOpen = ({ tagged }: Entry): boolean => ready.some((slot) => !tagged.has(slot));
  const { shown, entries } = album;
  return shown && isOpen(shown) ? shown : entries.find(isOpen);
}

async function tag(entry: Entry): Promise<void> {
  try {
    const picture = await decode(entry.file);
    for (const slot of slots) {
      const { model, labels } = slot;
      if (!model || entry.tagged.has(slot)) continue;
      const tagged = await tagPicture(model, picture, labels);
      // Another model, or other labels, may have come meanwhile.
      if (slot.model !== model || slot.labels !== labels) continue;
      entry.tagged.set(slot, tagged);
      if (entry === album.shown) slot.show(tagged);
    }
    sayProgress();
  } catch (error) {
    album.remove(entry, (error as Error).message);
  }
}

function sayProgress(): void {
  const { entries, unreadable } = album;
  const done = entries.filter(({ tagged }) => tagged.size > 0).length;
  const [few, more] = [unreadable.slice(0, 5).join(', '), unreadable.length > 5 ? ', …' : ''];
  const rest = few === '' ? '' : ` ${unreadable.length} could not be read: ${few}${more}.`;
  say(`${done} of ${entries.length} pictures tagged.${rest}`);
}

async function copy(): Promise<void> {
  const lines = slots.map((slot) =>
    slot.shown
      .filter(({ present }) => present)
      .map(({ name }) => name)
      .join(', '),
  );
  try {
    await navigator.clipboard.writeText(lines.filter((line) => line !== '').join('\n'));
    say('Tags copied.');
  } catch (error) {
    say(`The tags cannot be copied: ${(error as Error).message}`);
  }
}
