import type { RecipeSource } from '../recipe/source.ts';
import type { ProtocolName } from './protocols.ts';

/** A paper, and how its rows are trained and measured here. */
export interface PublishedPaper {
  /** Beginning of the names of its rows, e.g. `cprfl`. */
  readonly name: string;
  /** Authors, title or name, and year. */
  readonly paper: string;
  /** URL of the paper. */
  readonly link: string;
  /** Sentences: how training or evaluation here differs from the paper's. */
  readonly differences: readonly string[];
  /** Sentences: known inaccuracies of the figures. */
  readonly inexact: readonly string[];
  readonly rows: readonly PublishedRow[];
  /** Rows of the tables that can't be run here. */
  readonly notHere: readonly RowNotHere[];
}

/** A row of a published table: its recipe, and the figures of the paper. */
export interface PublishedRow {
  /** E.g. `cprfl/voc-lt/bce`. */
  readonly name: string;
  readonly paper: PublishedPaper;
  /** The place in the paper, e.g. `Table 2`. */
  readonly source: string;
  /** Path of its recipe, relative to the file of the rows. */
  readonly recipe: string;
  /** Settings laid over the recipe, with the places where they were written. */
  readonly settings: RecipeSource;
  /** How the paper measures. */
  readonly protocol: ProtocolName;
  /** Measures of the protocol that the table has, e.g. `mAP/head`. */
  readonly columns: readonly string[];
  /** Figures in percent, one for each column; null if not known. */
  readonly figures: readonly (number | null)[];
  /** Known inaccuracies of this row's figures. */
  readonly inexact: readonly string[];
  /** The group that this row is one point of; undefined for a row on its own. */
  readonly group?: RowGroup;
}

/** Rows that differ in one setting, e.g. the share of known labels. */
export interface RowGroup {
  /** E.g. `sarb/voc07/sarb`; one of its rows is `sarb/voc07/sarb/10`. */
  readonly name: string;
  /** Mean figures over its rows, in percent; null if the paper gives none. */
  readonly mean: readonly (number | null)[];
}

/** A row that can't be run here, with its figures in the columns of the paper. */
export interface RowNotHere {
  readonly name: string;
  /** The place in the paper, e.g. `Table 2`. */
  readonly source: string;
  /** In percent; null if not known. */
  readonly figures: readonly (number | null)[];
}
