/** Red, green, blue, 0 … 255. */
export type Color = readonly [red: number, green: number, blue: number];

/**
 * Ink colours. Each ink has one purpose, in this order: target classes, unseen classes (also in scenes with one class),
 * source classes, distractors, further classes of scenes with one class.
 */
export type Ink =
  | 'red'
  | 'blue'
  | 'green'
  | 'yellow'
  | 'cyan'
  | 'magenta'
  | 'black'
  | 'white'
  | 'orange'
  | 'azure'
  | 'lime'
  | 'purple'
  | 'pink';

const colors: Readonly<Record<Ink, Color>> = {
  red: [205, 45, 45],
  blue: [45, 70, 215],
  green: [40, 160, 60],
  yellow: [225, 205, 50],
  cyan: [50, 195, 210],
  magenta: [210, 60, 190],
  black: [25, 25, 25],
  white: [240, 240, 240],
  orange: [235, 130, 35],
  azure: [60, 155, 225],
  lime: [150, 210, 50],
  purple: [125, 45, 170],
  pink: [240, 130, 165],
};

/** All inks, in the order of their purpose. */
export const inkNames = Object.keys(colors) as readonly Ink[];

/** Inks of the twenty classes. */
export const targetInks: readonly Ink[] = ['red', 'blue'];
/** The ink of the ten classes that training never shows. */
export const unseenInk: Ink = 'green';
/** Inks of the sixty classes of single-label scenes. */
export const singleInks: readonly Ink[] = ['red', 'blue', 'green', 'lime', 'purple', 'pink'];
/** Inks of the source task for pretraining encoders. */
export const sourceInks: readonly Ink[] = ['yellow', 'cyan', 'magenta'];

const digitNames = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** The mean colour of an ink. */
export function inkColor(ink: Ink): Color {
  return colors[ink];
}

/** Class names in class order, ink by ink: `red zero` … `red nine`, `blue zero` … */
export function classNames(inks: readonly Ink[]): string[] {
  return inks.flatMap((ink) => digitNames.map((digit) => `${ink} ${digit}`));
}
