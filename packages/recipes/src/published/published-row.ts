import type { RecipeSource } from '../recipe/source.ts';
import type { ProtocolName } from './protocols.ts';

/** A paper and how its rows are trained and measured here. */
export interface PublishedPaper {
  /** Begins the names of its rows, e.g. `cprfl`. */
  readonly name: string;
  /** Who, where and when. */
  readonly paper: string;
  readonly link: string;
  /** How training or evaluation here differs from the paper's, in sentences. */
  readonly differences: readonly string[];
  /** What is known to be inexact about the figures, in sentences. */
  readonly inexact: readonly string[];
  readonly rows: readonly PublishedRow[];
  /** Rows of the tables whose methods are not part of LTML. */
  readonly notHere: readonly RowNotHere[];
}

/** A row of a table: what it trains with, and what the paper reports. */
export interface PublishedRow {
  /** E.g. `cprfl/voc-lt/bce`. */
  readonly name: string;
  readonly paper: PublishedPaper;
  /** Where it stands, e.g. `Table 2`. */
  readonly source: string;
  /** Path of its recipe, from the file of the rows. */
  readonly recipe: string;
  /** What is laid over the recipe, and where that was written. */
  readonly settings: RecipeSource;
  readonly protocol: ProtocolName;
  /** Measures of the protocol that the table has, e.g. `mAP/head`. */
  readonly columns: readonly string[];
  /** Percent, a figure for each column; null where the paper gives none, or none is at hand. */
  readonly figures: readonly (number | null)[];
  /** What is known to be inexact about this row alone. */
  readonly inexact: readonly string[];
  /** The rows that it is one point of; undefined for a row by itself. */
  readonly group?: RowGroup;
}

/** Rows that differ in one number, e.g. the share of known labels. */
export interface RowGroup {
  /** E.g. `sarb/voc07/sarb`, of which `sarb/voc07/sarb/10` is a row. */
  readonly name: string;
  /** Mean figures over its rows, in percent; null where the paper gives none. */
  readonly mean: readonly (number | null)[];
}

/** A row that cannot be run here, with its figures in the columns of the paper. */
export interface RowNotHere {
  readonly name: string;
  readonly source: string;
  readonly figures: readonly (number | null)[];
}
