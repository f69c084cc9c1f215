import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolve, rowRecipe, rowsNamed } from '@ltml/recipes/node';
import { writeSafetensors } from '@ltml/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProgressLine } from '../src/progress-line.ts';
import { estimateHours } from '../src/run/reproduce/hours.ts';
import { ltml } from './in-process.ts';
import { smallSettings, writeVectors } from './miniature-rows.ts';

const before = process.cwd();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-reproduce-'));
  process.chdir(folder);
  writeVectors('glove.6B.300d.txt');
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

/** `--set` of what makes the runs of a row small. */
async function small(name: string): Promise<string[]> {
  const [row] = rowsNamed(name);
  const { value, locate } = rowRecipe(row);
  return smallSettings(row, await resolve(value, locate)).flatMap((setting) => ['--set', setting]);
}

describe('ltml reproduce', { timeout: 240_000 }, () => {
  it('lists rows with their data, encoder, weights and figures', async () => {
    const { stdout } = await ltml('reproduce', 'cprfl', '--list');
    expect(stdout).toMatch(
      /^cprfl\/voc-lt +voc-mlt +resnet101 +timm\/resnet101\.tv_in1k +mAP 86\.28, mAP\/head 81\.84$/m,
    );
    expect(stdout).not.toMatch(/^sarb/m);
    const listed = JSON.parse((await ltml('reproduce', 'mkt/nus-wide', '--list', '--json')).stdout) as {
      name: string;
    }[];
    expect(listed.find(({ name }) => name === 'mkt/nus-wide')).toMatchObject({ published: { 'zsl/mAP': 37.6 } });
  });

  it('says what is missing, a sentence each, with the way to get it', async () => {
    const { code, stderr } = await ltml('reproduce', 'sarb/voc07/sarb/10', '--vectors', 'none.txt');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^ltml: data: give the folder of voc07 with --data DIR; the authors publish it at http.*voc2007/m,
    );
    expect(stderr).toMatch(/^ltml: weights of resnet101: .*ltml weights pull timm\/resnet101\.tv_in1k/m);
    expect(stderr).toMatch(/^ltml: word vectors: none\.txt does not exist; .*--vectors FILE .*glove\.6B\.zip/m);
    expect((await ltml('reproduce')).code).toBe(2);
    expect((await ltml('reproduce', 'cprfl/vox-lt')).stderr).toMatch(/unknown row "cprfl\/vox-lt" \(cprfl\/voc-lt\?\)/);
    expect((await ltml('reproduce', 'cprfl/voc-lt', '--scale', '2')).code).toBe(2);
  });

  it('goes all the way: check, rehearse, stop, go on, evaluate, predict, export; never the row where something is changed', async () => {
    await ltml('data', 'scenes', 'voc', '--as', 'voc-mlt');
    const check = await ltml('data', 'check', 'voc-mlt', 'voc', '--set', 'lists.train=voc-mlt.txt');
    expect(check.code).toBe(1);
    expect(check.stdout).toMatch(/^wrong {2}train: images +\d+, expected 1142$/m);
    const args = ['reproduce', 'cprfl/voc-lt', '--data', 'voc', '--scale', '0.5', ...(await small('cprfl/voc-lt'))];
    // More steps than there are, so that it is stopped among them.
    args.push('--set', 'steps=12', '--set', 'checkpointEverySteps=1');
    const run = 'runs/reproduce/scale-0.5/cprfl/voc-lt/seed-1';
    const waiting = setInterval(() => {
      if (!existsSync(join(run, 'checkpoints'))) return;
      // A second one would end this process.
      clearInterval(waiting);
      process.emit('SIGTERM', 'SIGTERM');
    }, 5);
    const stopped = await ltml(...args);
    expect(stopped).toMatchObject({ code: 1, stdout: '' });
    expect(stopped.stderr).toMatch(/stopped; the work so far is kept, give the same command to continue/);
    expect(existsSync(join(run, 'summary.json'))).toBe(false);
    const { code, stdout, stderr } = await ltml(...args);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(
      /A rehearsal, not the published row:\n- a share of 0\.5 of the images\n- changed: pictures\.size=32/,
    );
    expect(stdout).not.toMatch(/published {2}|86\.28/);
    const again = await ltml(...args, '--json');
    // Nothing is trained again.
    expect(again.stderr).toBe('');
    const { rehearsal, rows } = JSON.parse(again.stdout) as { rehearsal: string[]; rows: { measures: object[] }[] };
    expect(rehearsal.length).toBeGreaterThan(1);
    expect(rows[0].measures[0]).not.toHaveProperty('published');
    const photo = 'voc/VOCdevkit/VOC2007/JPEGImages/000001.jpg';
    for (const command of [
      ['eval', run, '--out', 'report'],
      ['predict', run, photo, '--top', '3'],
      ['export', run, '--to', 'bundle', '--out', 'bundle'],
      ['predict', 'bundle', photo, '--top', '3'],
    ]) {
      const ended = await ltml(...command);
      expect(ended.code, `${command.join(' ')}\n${ended.stderr}`).toBe(0);
    }
    expect(existsSync('report/index.html')).toBe(true);
    // The row holds no image out, and is not tuned on its test images.
    expect((await ltml('tune', run)).stderr).toMatch(/^ltml: .*valid/m);
    // Other options would make another run of what is there.
    const other = await ltml(...args, '--set', 'batchSize=4');
    expect(other.code).toBe(1);
    expect(sentences(other.stderr)).toEqual([expect.stringMatching(/batchSize/)]);
  });

  it.each<[string, string[], RegExp, number?]>([
    ['no folder', ['--data', 'gone'], /data: gone is no folder; the authors publish it at http/],
    [
      'the folder of another set',
      ['--data', 'other'],
      /voc-mlt\.txt should be a file that can be read, got no such file/,
    ],
    ['a set that is unpacked in part', ['--data', 'half'], /JPEGImages\/2008_\d+\.jpg, which is missing/],
    [
      'weights that are not there',
      ['--data', 'whole', '--weights', 'gone.safetensors'],
      /gone\.safetensors does not exist/,
    ],
    [
      'weights of another network',
      ['--data', 'whole', '--weights', 'other.safetensors'],
      /encoder\.weights: names should be those of .* got of\.another\. /,
      2,
    ],
    [
      'a file that holds no weights',
      ['--data', 'whole', '--weights', 'text.txt'],
      /text\.txt should be at least 8 bytes long, got 4/,
      2,
    ],
  ])('says in one sentence what is wrong: %s', async (_, given, message, expected = 1) => {
    if (!existsSync('half')) {
      await ltml('data', 'scenes', 'other', '--as', 'nus-wide');
      await ltml('data', 'scenes', 'whole', '--as', 'voc-mlt');
      await ltml('data', 'scenes', 'half', '--as', 'voc-mlt');
      const pictures = 'half/VOCdevkit/VOC2012/JPEGImages';
      for (const name of readdirSync(pictures).slice(3)) rmSync(join(pictures, name));
      writeFileSync('text.txt', 'text');
      const tensor = { dtype: 'F32', shape: [1], data: new Float32Array(1) } as const;
      writeFileSync('other.safetensors', writeSafetensors(new Map([['of.another', tensor]])));
    }
    const settings = (await small('cprfl/voc-lt')).filter((setting) => !setting.startsWith('encoder='));
    const kept = settings.filter((setting, i) => setting !== '--set' || settings[i + 1] !== '--set');
    const weights = given.includes('--weights') ? [] : ['--set', 'encoder={"name":"resnet-tiny"}'];
    const { code, stderr, stdout } = await ltml('reproduce', 'cprfl/voc-lt', ...given, ...kept, ...weights);
    expect({ code, stdout }, stderr).toEqual({ code: expected, stdout: '' });
    const [last] = sentences(stderr).slice(-1);
    expect(last).toMatch(message);
    expect(stderr).not.toMatch(/^ {2,}at /m);
  });

  it('estimates hours from a measured step and the published number of images, alike rows once', async () => {
    const row = rowsNamed('db-loss/voc-mlt/erm')[0];
    const { value, locate } = rowRecipe(row);
    const settings = smallSettings(row, await resolve(value, locate)).filter((setting) => !setting.startsWith('steps'));
    const source = rowRecipe(row, { settings });
    const recipe = await resolve(source.value, source.locate);
    const twice = { ...recipe, method: { ...recipe.method, options: { ...recipe.method.options, epochs: 160 } } };
    const line = new ProgressLine({ write: () => {} });
    const hours = await estimateHours(
      new Map([
        [row, recipe],
        [{ ...row }, twice],
      ]),
      undefined,
      line,
    );
    const [one, other] = [...hours.values()];
    expect(one).toBeGreaterThan(0);
    // 80 epochs and 160, of a step that is measured once.
    expect(other / one).toBeCloseTo(2, 9);
  });
});

/** What was printed to the user, a mistake each. */
function sentences(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('ltml: '));
}

/** Code blocks of a page in a language. */
function blocks(page: string, language: string): string[] {
  return Array.from(page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs')), ([, text]) => text);
}

describe.each(['voc-lt-with-cprfl', 'partial-labels-on-coco', 'open-vocabulary-on-nus-wide'])('%s', (name) => {
  it('does what it says, on a miniature and with a small network', { timeout: 240_000 }, async () => {
    const file = fileURLToPath(new URL(`../../../docs/reproduce/${name}.md`, import.meta.url));
    const commands = blocks(readFileSync(file, 'utf8'), 'sh').flatMap((block) => block.trimEnd().split('\n'));
    expect(commands.length).toBeGreaterThan(3);
    for (const command of commands) {
      const [, words, code = '0'] = /^ltml ([^#]*?)\s*(?:#(?: exit code (\d))?.*)?$/.exec(command) as RegExpExecArray;
      const args = Array.from(words.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, plain]) => quoted ?? plain);
      const own = args.filter((_, i) => args[i - 1] === '--set');
      const changed = args[0] === 'reproduce' ? await small(args[1]) : [];
      const rest = changed.filter(
        (_, i) => i % 2 === 1 && !own.some((setting) => setting.split('=')[0] === changed[i].split('=')[0]),
      );
      const result = await ltml(...args, ...rest.flatMap((setting) => ['--set', setting]));
      expect(result.code, `${command}\n${result.stderr}`).toBe(Number(code));
      if (args[0] === 'reproduce') expect(result.stdout).toMatch(/^%.*measured/m);
    }
  });
});
