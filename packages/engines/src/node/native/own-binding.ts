/** Functions that LTML's addon has besides those of tfjs-node, see native/addon. Other builds do not have them. */
export interface OwnBinding {
  /**
   * The number of a tensor with the same values, whose memory may be written. If `isLast`, the given number is gone
   * afterwards, and memory that nobody else holds is moved instead of copied.
   */
  takeTensor(id: number, isLast: boolean): number;
  /** The memory of a tensor, without a copy. It is valid until `returnMemory`. */
  lendMemory(id: number): ArrayBuffer;
  returnMemory(buffer: ArrayBuffer): void;
}
