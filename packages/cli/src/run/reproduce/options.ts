import type { BackendArgument } from '../../option-parsers.ts';

/** Of training rows. */
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

/** Of listing rows. */
export interface ListOptions {
  readonly list?: boolean;
  readonly hours?: boolean;
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}
