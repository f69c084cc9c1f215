/** The schedule parameters of both training stages in the authors' code. */
export interface Schedule {
  readonly lr: number;
  readonly min_lr: number;
  readonly warmup_epochs: number;
  readonly epochs: number;
  readonly start_epoch: number;
  readonly steps_per_epoch: number;
  readonly weight_decay: number;
}
