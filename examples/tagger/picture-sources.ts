import { takePicture } from './camera.ts';
import { byId, say } from './elements.ts';

/** Hands over pictures however they come: chosen, dropped with their folders, pasted, or from the camera. */
export function listenForPictures(add: (files: readonly File[]) => void): void {
  const addPictures = (files: Iterable<File>): void => {
    const pictures = Array.from(files).filter((file) => file.type.startsWith('image/') && !file.name.startsWith('.'));
    if (pictures.length > 0) add(pictures);
    else say('There is no picture in it.');
  };
  for (const id of ['files', 'folder']) {
    const input = byId<HTMLInputElement>(id);
    input.addEventListener('change', () => {
      addPictures(input.files ?? []);
      input.value = '';
    });
  }
  byId('camera').addEventListener('click', async () => {
    const picture = await takePicture();
    if (picture) add([picture]);
  });
  document.addEventListener('paste', ({ clipboardData }) => {
    if (clipboardData && clipboardData.files.length > 0) addPictures(clipboardData.files);
  });
  const drop = byId('drop');
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    drop.classList.add('over');
  });
  document.addEventListener('dragleave', () => drop.classList.remove('over'));
  document.addEventListener('drop', async (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    // Entries are gone once the event is over.
    const items = Array.from(event.dataTransfer?.items ?? [], (item) => item.webkitGetAsEntry() ?? item.getAsFile());
    addPictures((await Promise.all(items.map(filesIn))).flat());
  });
}

async function filesIn(item: FileSystemEntry | File | null): Promise<File[]> {
  if (item === null) return [];
  if (item instanceof File) return [item];
  if (item.isFile)
    return [await new Promise<File>((resolve, reject) => (item as FileSystemFileEntry).file(resolve, reject))];
  const reader = (item as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  // A folder is read in parts, until one is empty.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return files;
    files.push(...(await Promise.all(part.map(filesIn))).flat());
  }
}
