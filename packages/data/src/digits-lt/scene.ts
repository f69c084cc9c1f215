import { checkChoice, checkCount, checkNumber, checkOptionNames, checkRange, type RandomStream } from '@ltml/tensor';
import type { GlyphPool } from './glyphs.ts';
import { type Color, type Ink, inkColor, inkNames } from './inks.ts';
import type { LabelSet } from './label-sets.ts';

/** Width and height of a scene in pixels. */
export const sceneSize = 64;

/** How hard it is to recognise the digits of a scene. */
export interface Difficulty {
  /** Fewest and most unlabelled digits per scene, in other inks. */
  readonly distractors: readonly [fewest: number, most: number];
  /** The inks of the distractors, drawn uniformly. */
  readonly distractorInks: readonly Ink[];
  /** Smallest and largest width of a digit's 8 × 8 box, in pixels. */
  readonly scale: readonly [smallest: number, largest: number];
  /** Largest rotation in either direction, as the tangent of half the angle: 0.2 is 22.6 degrees. */
  readonly rotation: number;
  /** Largest change of each colour channel of a digit's ink, in levels of 255. */
  readonly inkVariation: number;
  /** Amplitude of the background's texture, in levels of 255. */
  readonly texture: number;
}

/** Checks the difficulty. @throws OptionError */
export function checkDifficulty(where: string, difficulty: Difficulty): void {
  const names = ['distractors', 'distractorInks', 'scale', 'rotation', 'inkVariation', 'texture'];
  checkOptionNames(where, difficulty, names);
  const at = (name: string): string => `options.difficulty.${name}`;
  const { distractors, distractorInks, scale, rotation, inkVariation, texture } = difficulty;
  checkCount(where, at('distractors[0]'), distractors[0], { min: 0 });
  checkCount(where, at('distractors[1]'), distractors[1], { min: distractors[0], max: 1000 });
  if (distractors[1] > 0) checkCount(where, at('distractorInks.length'), distractorInks.length);
  for (const [i, ink] of distractorInks.entries()) checkChoice(where, at(`distractorInks[${i}]`), ink, inkNames);
  checkRange(where, at('scale'), scale, { above: 0, max: sceneSize });
  checkNumber(where, at('rotation'), rotation, { min: 0 });
  checkNumber(where, at('inkVariation'), inkVariation, { min: 0 });
  checkNumber(where, at('texture'), texture, { min: 0 });
}

/** One digit in a scene. */
export interface Placement {
  readonly digit: number;
  readonly ink: Ink;
  /** Whether it belongs to the scene's labels; otherwise it is a distractor. */
  readonly labelled: boolean;
  /** Index of the handwritten digit. */
  readonly glyph: number;
  /** Centre of its box, in pixels from the left and from the top. */
  readonly x: number;
  readonly y: number;
  /** Width of its box in pixels. */
  readonly scale: number;
  /** Clockwise rotation, as the tangent of half the angle. */
  readonly rotation: number;
  readonly color: Color;
}

/** The digits of a scene, from back to front. */
export type Scene = readonly Placement[];

/**
 * Composes a scene: a digit for each label and some distractors, in random order and at random positions.
 *
 * @param labels class indices, ten for each ink of `inks`
 */
export function composeScene(
  labels: LabelSet,
  inks: readonly Ink[],
  pool: GlyphPool,
  difficulty: Difficulty,
  random: RandomStream,
): Scene {
  const { distractorInks, inkVariation } = difficulty;
  const [fewest, most] = difficulty.distractors;
  const extra = fewest + random.integer(most - fewest + 1);
  const items = [
    ...labels.map((c) => ({ digit: c % 10, ink: inks[Math.floor(c / 10)], labelled: true })),
    ...Array.from({ length: extra }, () => ({
      digit: random.integer(10),
      ink: distractorInks[random.integer(distractorInks.length)],
      labelled: false,
    })),
  ];
  const scene: Placement[] = [];
  for (const item of random.shuffle(items)) {
    const glyphs = pool[item.digit];
    const scale = random.uniform(...difficulty.scale);
    scene.push({
      ...item,
      glyph: glyphs[random.integer(glyphs.length)],
      ...findPlace(scene, scale, random),
      scale,
      rotation: random.uniform(-difficulty.rotation, difficulty.rotation),
      color: inkColor(item.ink).map((level) => level + random.uniform(-inkVariation, inkVariation)) as unknown as Color,
    });
  }
  return scene;
}

const triesForPlace = 12;

/**
 * The position, among a few random ones, with the least overlap with other digits; the first without overlap is taken.
 */
function findPlace(scene: Scene, scale: number, random: RandomStream): { x: number; y: number } {
  // A digit's strokes leave a margin in its box, so a box may extend slightly over the border.
  const margin = scale * 0.42;
  let best = { x: 0, y: 0 };
  let bestRoom = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < triesForPlace && bestRoom < 0; i++) {
    const x = random.uniform(margin, sceneSize - margin);
    const y = random.uniform(margin, sceneSize - margin);
    // Room: distance to the nearest other digit minus 0.4 of both widths, at which strokes hardly touch.
    let room = 0;
    for (const other of scene) {
      const dx = x - other.x;
      const dy = y - other.y;
      const distance = Math.sqrt(dx * dx + dy * dy);
      room = Math.min(room, distance - 0.4 * (scale + other.scale));
    }
    if (room > bestRoom) {
      best = { x, y };
      bestRoom = room;
    }
  }
  return best;
}
