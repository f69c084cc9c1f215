/** The options that both towers of a CLIP have. */
export interface ClipTowerConfig {
  /** W, features of the tokens before the projection. */
  readonly width: number;
  /** Number of transformer blocks. */
  readonly layers: number;
  /** Number of heads; default that of the published tower of this width and depth, otherwise W / 64. */
  readonly heads?: number;
  /** D, features of the space shared by images and texts. */
  readonly embedding: number;
  /** See the option of the same name of `ResidualAttentionBlock`; default true. */
  readonly quickGelu?: boolean;
  /**
   * Recomputes the activations of blocks in the backward pass instead of storing them, to save memory; default false.
   */
  readonly recompute?: boolean;
}
