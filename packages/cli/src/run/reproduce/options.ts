import type { BackendArgument } from '../../option-parsers.ts';

/** Options of `ltml reproduce` when it trains. */
export interface ReproduceOptions {
  readonly data?: string;
  readonly weights?: string;
  readonly vectors?: string;
  readonly seeds: number;
  readonly scale?: number;
  readonly set: readonly string[];
  readonly out?: string;
  readonly workers?: number;
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}

/** Options of `ltml reproduce --list`. */
export interface ListOptions {
  readonly list?: boolean;
  readonly hours?: boolean;
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}
