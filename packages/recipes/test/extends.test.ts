import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRecipe } from '../src/node/read-recipe.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { resolve } from '../src/recipe/resolve.ts';
import { resolveText } from './resolve-text.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'extends-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

async function resolveFile(file: string, ...settings: string[]): Promise<Recipe> {
  const { value, locate } = readRecipe(file, settings);
  return resolve(value, locate);
}

describe('extends', () => {
  it('lays a recipe over another one leaf by leaf, and that over a third', async () => {
    write('base.yaml', 'seed: 3\nloss: { name: asymmetric, clip: 0.1 }\nmethod: { options: { epochs: 7 } }');
    write('lists/middle.yaml', 'extends: ../base.yaml\nmethod: { options: { optimizer: { learningRate: 0.5 } } }');
    const file = write('run.yaml', 'extends: lists/middle.yaml\nname: mine\nloss: { gammaPositive: 1 }');
    const whole =
      'name: mine\nseed: 3\nloss: { name: asymmetric, clip: 0.1, gammaPositive: 1 }\n' +
      'method: { options: { epochs: 7, optimizer: { learningRate: 0.5 } } }';
    expect(await resolveFile(file)).toEqual(await resolveText(whole));
    expect((await resolveFile(file, 'loss.clip=0')).loss).toMatchObject({ clip: 0, gammaPositive: 1 });
  });

  it('keeps what a recipe of another name says', async () => {
    write('base.yaml', 'name: base\nloss: { name: focal }\nseed: 3');
    const file = write('run.yaml', 'extends: base.yaml\nname: mine');
    expect(await resolveFile(file)).toEqual(await resolveText('name: mine\nloss: { name: focal }\nseed: 3'));
  });

  it('replaces what has another name, written or meant, and what is set to null', async () => {
    const base =
      'loss: { name: focal }\ndata: { knownLabels: { proportion: 0.5 } }\nmethod: { options: { epochs: 3 } }';
    write('base.yaml', `${base}\nevaluation: { select: { patience: 2 } }`);
    const other = 'method: { name: sarb }\ndata: { name: digits-lt-single }\nloss: { name: ranking }';
    const file = write('run.yaml', `extends: base.yaml\n${other}\nevaluation: { select: null }`);
    expect(await resolveFile(file)).toEqual(await resolveText(other));
    // What goes with a name is told, what is set to null is not.
    expect(readRecipe(file, ['seed=2']).notes?.map((note) => note.replaceAll(`${folder}/`, ''))).toEqual([
      'run.yaml:2: method: sarb replaces classifier, without its options (base.yaml:3); repeat the entries that should stay',
      'run.yaml:3: data: digits-lt-single replaces digits-lt, without its knownLabels (base.yaml:2); repeat the entries that should stay',
    ]);
    const said = 'data: { name: digits-ml, knownLabels: { proportion: 0.2 } }\nmethod: { options: { epochs: 4 } }';
    expect(readRecipe(write('again.yaml', `extends: base.yaml\n${said}`)).notes).toEqual([]);
  });

  it('tells what goes deep inside, and in a parent of the parent', async () => {
    write('base.yaml', 'method: { options: { optimizer: { name: sgd, learningRate: 0.1, momentum: 0.5 } } }');
    write('middle.yaml', 'extends: base.yaml\nmethod: { options: { optimizer: { name: adam, learningRate: 0.1 } } }');
    const file = write('run.yaml', 'extends: middle.yaml\nloss: { name: focal }');
    expect(readRecipe(file).notes).toEqual([
      expect.stringMatching(
        /middle\.yaml:2: method\.options\.optimizer: adam replaces sgd, without its momentum \(.*base\.yaml:1\)/,
      ),
    ]);
  });

  it('tells the file and the line of a mistake, in whichever file it is', async () => {
    write('base.yaml', 'loss: { name: focal }\n\nmethod:\n  options: { epochs: 3, epoch: 4 }');
    const file = write('run.yaml', 'extends: base.yaml\nbatchSize: 0\nmethod:\n  options:\n    neck: 3');
    const places = async (...settings: string[]): Promise<string[]> => {
      try {
        await resolveFile(file, ...settings);
      } catch (error) {
        return (error as Error).message.split('\n').map((line) => line.replace(`${folder}/`, '').slice(0, 40));
      }
      return [];
    };
    expect((await places()).sort()).toEqual([
      expect.stringMatching(/^base\.yaml:4: method\.options: unknown/),
      expect.stringMatching(/^run\.yaml:2: batchSize: /),
      expect.stringMatching(/^run\.yaml:5: method\.options\.neck: /),
    ]);
    expect(await places('batchSize=-1')).toContainEqual(expect.stringMatching(/^--set batchSize: should be /));
    write('base.yaml', 'seed: 1\nloss: [');
    await expect(resolveFile(file)).rejects.toThrow(/base\.yaml:\d: /);
    write('base.yaml', '- 1\n- 2');
    await expect(resolveFile(file)).rejects.toThrow(/base\.yaml:1: should have entries/);
    write('base.yaml', '');
    expect(await places()).toContainEqual(expect.stringMatching(/^run\.yaml:1: loss: /));
  });

  it.each([
    ['a file that is not there', 'extends: gone.yaml', /run\.yaml:1: extends: .*gone\.yaml does not exist$/],
    ['itself', '\nextends: run.yaml', /run\.yaml:2: extends: goes round in a circle: .*run\.yaml → .*run\.yaml$/],
    ['itself by another name', 'extends: link.yaml', /run\.yaml:1: extends: goes round in a circle/],
    [
      'a file that extends it',
      'extends: other.yaml',
      /other\.yaml:2: extends: goes round in a circle: .*run.*other.*run/,
    ],
    ['no path', 'extends: [a.yaml]', /run\.yaml:1: extends: should be the path of a recipe/],
    ['nothing', 'extends: ""', /run\.yaml:1: extends: should be the path of a recipe/],
    ['a folder', 'extends: .', /: is a folder; a recipe is a file$/],
  ])('refuses %s', async (_, text, message) => {
    const file = write('run.yaml', text);
    write('other.yaml', 'seed: 1\nextends: run.yaml');
    symlinkSync(file, join(folder, 'link.yaml'));
    await expect(resolveFile(file)).rejects.toThrow(
      expect.objectContaining({ name: 'UsageError', message: expect.stringMatching(message) }),
    );
  });

  it('is for files alone', async () => {
    await expect(resolveText('extends: base.yaml')).rejects.toThrow(/^run\.yaml:1: extends: only works in files/);
  });
});
