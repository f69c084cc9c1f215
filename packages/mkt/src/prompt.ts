import { checkShapes, Module, Parameter, ShapeError, withoutGradient } from '@ltml/tensor';
import type { TextTower } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { LabelPrompts } from './label-prompts.ts';

/**
 * The words around a label's name as vectors that are tuned, the same for all labels, seen or not.
 *
 * State names: `context` [before + after, W], `boundary` [2, W], start and end, which the authors' code tunes too. All
 * begin as the tower's own embeddings of the template. Names always come from the tower's table, which does not change;
 * the authors' demo takes them from a table that weight decay has shrunk, by mistake.
 *
 * Source: He et al. (MKT), AAAI 2023, section 3.4.
 */
export class Prompt extends Module {
  readonly context: Parameter;
  readonly boundary: Parameter;
  readonly #before: number;
  readonly #tower: TextTower;

  /** @param prompts of any label, for the template */
  constructor(tower: TextTower, prompts: LabelPrompts) {
    super();
    const [before, after] = prompts.contextLengths;
    const [nameLength] = prompts.nameLengths;
    this.#tower = tower;
    this.#before = before;
    const [context, boundary] = tf.tidy(() => {
      const ids = promptIds(prompts);
      const row = tf.squeeze<tf.Tensor2D>(tower.embedTokens(tf.slice(ids, [0, 0], [1, -1])), [0]);
      const rows = (start: number, count: number): tf.Tensor => tf.slice(row, [start, 0], [count, -1]);
      const rest = 1 + before + nameLength;
      return [tf.concat([rows(1, before), rows(rest, after)]), tf.concat([rows(0, 1), rows(rest + after, 1)])];
    });
    this.context = new Parameter(context);
    this.boundary = new Parameter(boundary);
  }

  /** Embeddings of labels, [C, D], not normalised; gradients flow to the context and to nothing else. */
  forward(prompts: LabelPrompts): tf.Tensor2D {
    return tf.tidy(() => {
      const embedded = this.embedTokens(prompts);
      return this.#tower.forwardEmbedded(embedded, promptIds(prompts)).embedding;
    });
  }

  /** The token embeddings that enter the tower, [C, M, W], without positions. */
  embedTokens(prompts: LabelPrompts): tf.Tensor3D {
    this.#checkContext(prompts);
    const [C, M] = prompts.shape;
    return tf.tidy(() => {
      const rows = tf.tensor3d(tableRows(prompts), [C, M, 1], 'int32');
      const isFixed = tf.cast(tf.less(rows, 0), 'float32');
      const fixed = withoutGradient(() => tf.mul<tf.Tensor3D>(this.#tower.embedTokens(promptIds(prompts)), isFixed));
      // Context, start and end in one table, of which each place takes its row, or none. As a product of matrices its
      // gradient is one, too.
      const table = tf.concat([this.context.variable as tf.Tensor2D, this.boundary.variable as tf.Tensor2D]);
      const [length, W] = table.shape;
      const chosen = tf.cast(tf.equal(rows, tf.range(0, length, 1, 'int32')), 'float32');
      return tf.add(fixed, tf.reshape(tf.matMul(tf.reshape(chosen, [C * M, length]), table), [C, M, W]));
    });
  }

  /** The tokens of a template with fewer or more words can't take this context. */
  #checkContext({ shape, ids, contextLengths: [before, after] }: LabelPrompts): void {
    const [words, W] = this.context.shape;
    checkShapes('Prompt.forward', { 'prompts.ids': [{ shape: [ids.length] }, `${shape[0] * shape[1]}`] });
    if (before === this.#before && before + after === words) return;
    throw new ShapeError({
      where: 'Prompt.forward',
      argument: 'prompts.contextLengths',
      expected: `[${this.#before}, ${words - this.#before}], the words of the tuned template, ${W} wide`,
      received: `[${before}, ${after}]`,
    });
  }
}

/** [C, M] int32. */
export function promptIds({ ids, shape }: LabelPrompts): tf.Tensor2D {
  return tf.tensor2d(ids, [...shape], 'int32');
}

/**
 * [C, M] the row that a place takes of a table of context, start and end; −1 where a token keeps the tower's own embedding:
 * names, and what lies behind the end.
 */
function tableRows({ shape: [C, M], nameLengths, contextLengths: [before, after] }: LabelPrompts): Int32Array {
  const rows = new Int32Array(C * M);
  const start = before + after;
  for (let c = 0; c < C; c++) {
    const name = nameLengths[c];
    // A prompt that was cut has its end at the last place, whatever should stand there.
    const end = Math.min(1 + before + name + after, M - 1);
    for (let m = 0; m < M; m++) {
      const isName = m > before && m <= before + name;
      const inContext = m <= before ? m - 1 : m - 1 - name;
      rows[c * M + m] = m === 0 ? start : m === end ? start + 1 : isName || m > end ? -1 : inContext;
    }
  }
  return rows;
}
