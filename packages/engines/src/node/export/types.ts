/** TensorFlow's type numbers. */
export const float: number = 1;
export const int32: number = 3;
export const int64: number = 9;
export const bool: number = 10;
