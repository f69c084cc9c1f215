import type { RandomStream } from '@ltml/tensor';

/** What frames a list of digits; the prompts of CPRFL and MKT are among them. */
const templates = ['{}', 'a photo of {}.', 'a picture of {}', 'There is {} in the scene', 'an image with {}'];

export interface Caption {
  readonly text: string;
  /** The classes it names. */
  readonly classes: readonly number[];
}

/**
 * Says what a scene shows: one of its labelled digits or all of them, half the time each, in any order, e.g. `a photo of a
 * red three and a blue seven.`
 *
 * @param labels the classes of the scene
 */
export function captionScene(labels: readonly number[], names: readonly string[], random: RandomStream): Caption {
  const order = random.shuffle([...labels]);
  const classes = random.uniform() < 0.5 ? order.slice(0, 1) : order;
  const template = templates[random.integer(templates.length)];
  const list = classes.map((c) => `a ${names[c]}`).join(' and ');
  return { text: template.replace('{}', list), classes };
}

/** [B, B] 1 where caption j is true of scene i, though it is not its own: such a pair must not count as a wrong one. */
export function falseNegatives(scenes: readonly (readonly number[])[], captions: readonly Caption[]): Float32Array {
  const B = scenes.length;
  const matches = new Float32Array(B * B);
  for (let i = 0; i < B; i++) {
    for (let j = 0; j < B; j++) {
      if (i !== j && captions[j].classes.every((c) => scenes[i].includes(c))) matches[i * B + j] = 1;
    }
  }
  return matches;
}
