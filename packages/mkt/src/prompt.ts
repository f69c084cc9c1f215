import { checkShapes, Module, Parameter, ShapeError, withoutGradient } from '@ltml/tensor';
import type { TextTower } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { LabelPrompts } from './label-prompts.ts';

/**
 * A tunable prompt: the words around a class name as trainable vectors. All labels, seen or unseen, share them.
 *
 * State names: `context` [before + after, W], the words; `boundary` [2, W], the start and end tokens, which the
 * authors' code tunes too. Both start from the tower's embeddings of the template.
 *
 * The embeddings of the names come from the tower's token table, which does not change. The authors' demo mistakenly
 * takes them from a table that weight decay has shrunk.
 *
 * Source: He et al. (MKT), AAAI 2023, section 3.4.
 */
export class Prompt extends Module {
  readonly context: Parameter;
  readonly boundary: Parameter;
  readonly #before: number;
  readonly #tower: TextTower;

  /** @param prompts prompts of any labels; only their template is used */
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

  /** Embeds labels: [C, D], not normalised. Gradients flow to `context` and `boundary` only. */
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
      // Context, start and end form one table. Each position takes one of its rows, or none. A matrix multiplication
      // selects the row, so that the gradient is a matrix multiplication as well.
      const table = tf.concat([this.context.variable as tf.Tensor2D, this.boundary.variable as tf.Tensor2D]);
      const [length, W] = table.shape;
      const chosen = tf.cast(tf.equal(rows, tf.range(0, length, 1, 'int32')), 'float32');
      return tf.add(fixed, tf.reshape(tf.matMul(tf.reshape(chosen, [C * M, length]), table), [C, M, W]));
    });
  }

  /** Checks that the prompts have the template of this context, with as many words before and after the name. */
  #checkContext({ shape, ids, contextLengths: [before, after] }: LabelPrompts): void {
    const [words, W] = this.context.shape;
    checkShapes('Prompt.forward', { 'prompts.ids': [{ shape: [ids.length] }, `${shape[0] * shape[1]}`] });
    if (before === this.#before && before + after === words) return;
    throw new ShapeError({
      where: 'Prompt.forward',
      argument: 'prompts.contextLengths',
      expected: `[${this.#before}, ${words - this.#before}], the words of the tuned template (width ${W})`,
      received: `[${before}, ${after}]`,
    });
  }
}

/** The token ids as a tensor [C, M] int32. */
export function promptIds({ ids, shape }: LabelPrompts): tf.Tensor2D {
  return tf.tensor2d(ids, [...shape], 'int32');
}

/**
 * [C, M] for each position the row of the table of context, start and end. −1 if the token keeps the tower's own
 * embedding: the tokens of the name, and those after the end.
 */
function tableRows({ shape: [C, M], nameLengths, contextLengths: [before, after] }: LabelPrompts): Int32Array {
  const rows = new Int32Array(C * M);
  const start = before + after;
  for (let c = 0; c < C; c++) {
    const name = nameLengths[c];
    // A prompt that was cut has its end token at the last position.
    const end = Math.min(1 + before + name + after, M - 1);
    for (let m = 0; m < M; m++) {
      const isName = m > before && m <= before + name;
      const inContext = m <= before ? m - 1 : m - 1 - name;
      rows[c * M + m] = m === 0 ? start : m === end ? start + 1 : isName || m > end ? -1 : inContext;
    }
  }
  return rows;
}
