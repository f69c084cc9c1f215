;; Pillow's resampling of levels, 16 bytes at a time. `scripts/assemble.ts` makes resample-simd.generated.ts of it.
;;
;; A weight w of 22 bits after the point is taken apart into w = high · 2^15 + low with 0 ≤ low < 2^15, so that two taps go
;; through one multiplication of 16 bits. Sums are taken modulo 2^32, as the plain ones are: none of them reaches 2^31.
;; Loads may reach over the end of a row; the weights of what they find there are 0.
(module
  (memory (export "memory") 1)

  ;; Blends along the rows: from [count, stride] bytes to [count, places · 3] bytes, two rows at a time. Of an odd count one
  ;; more row is read and written.
  (func (export "columns")
    (param $from i32) (param $to i32) (param $count i32) (param $stride i32) (param $places i32)
    (param $starts i32)  ;; [places] bytes from the beginning of a row to the first tap
    (param $weights i32) ;; [places, groups] of four taps, 16 bits each: low 0 … 3, high 0 … 3
    (param $groups i32)
    (local $place i32) (local $group i32) (local $start i32) (local $weight i32) (local $line i32)
    (local $at0 i32) (local $at1 i32)
    (local $near v128) (local $far v128) (local $w0 v128) (local $w1 v128) (local $w2 v128) (local $w3 v128)
    (local $low0 v128) (local $high0 v128) (local $low1 v128) (local $high1 v128)
    (local.set $line (i32.mul (local.get $places) (i32.const 3)))
    (loop $rows
      (local.set $place (local.get $places))
      (local.set $start (local.get $starts))
      (local.set $weight (local.get $weights))
      (loop $pixel
        (local.set $at0 (i32.add (local.get $from) (i32.load (local.get $start))))
        (local.set $at1 (i32.add (local.get $at0) (local.get $stride)))
        (local.set $low0 (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (local.set $high0 (v128.const i32x4 0 0 0 0))
        (local.set $low1 (local.get $low0))
        (local.set $high1 (local.get $high0))
        (local.set $group (local.get $groups))
        (loop $taps
          (local.set $w0 (v128.load32_splat (local.get $weight)))
          (local.set $w1 (v128.load32_splat offset=4 (local.get $weight)))
          (local.set $w2 (v128.load32_splat offset=8 (local.get $weight)))
          (local.set $w3 (v128.load32_splat offset=12 (local.get $weight)))
          ;; Four pixels: the reds of two of them side by side, their greens, their blues; then the other two.
          (local.set $near (i8x16.swizzle (v128.load (local.get $at0))
            (v128.const i8x16 0 3 1 4 2 5 16 16 6 9 7 10 8 11 16 16)))
          (local.set $far (i16x8.extend_high_i8x16_u (local.get $near)))
          (local.set $near (i16x8.extend_low_i8x16_u (local.get $near)))
          (local.set $low0 (i32x4.add (local.get $low0)
            (i32x4.add
              (i32x4.dot_i16x8_s (local.get $near) (local.get $w0))
              (i32x4.dot_i16x8_s (local.get $far) (local.get $w1)))))
          (local.set $high0 (i32x4.add (local.get $high0)
            (i32x4.add
              (i32x4.dot_i16x8_s (local.get $near) (local.get $w2))
              (i32x4.dot_i16x8_s (local.get $far) (local.get $w3)))))
          (local.set $at0 (i32.add (local.get $at0) (i32.const 12)))
          (local.set $near (i8x16.swizzle (v128.load (local.get $at1))
            (v128.const i8x16 0 3 1 4 2 5 16 16 6 9 7 10 8 11 16 16)))
          (local.set $far (i16x8.extend_high_i8x16_u (local.get $near)))
          (local.set $near (i16x8.extend_low_i8x16_u (local.get $near)))
          (local.set $low1 (i32x4.add (local.get $low1)
            (i32x4.add
              (i32x4.dot_i16x8_s (local.get $near) (local.get $w0))
              (i32x4.dot_i16x8_s (local.get $far) (local.get $w1)))))
          (local.set $high1 (i32x4.add (local.get $high1)
            (i32x4.add
              (i32x4.dot_i16x8_s (local.get $near) (local.get $w2))
              (i32x4.dot_i16x8_s (local.get $far) (local.get $w3)))))
          (local.set $at1 (i32.add (local.get $at1) (i32.const 12)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 16)))
          (br_if $taps (local.tee $group (i32.sub (local.get $group) (i32.const 1)))))
        ;; Three bytes of the first row; the fourth of the second is written over by its next pixel.
        (local.set $low0 (i32x4.shr_s
          (i32x4.add (local.get $low0) (i32x4.shl (local.get $high0) (i32.const 15))) (i32.const 22)))
        (local.set $low0 (i16x8.narrow_i32x4_s (local.get $low0) (local.get $low0)))
        (local.set $low0 (i8x16.narrow_i16x8_u (local.get $low0) (local.get $low0)))
        (v128.store16_lane 0 (local.get $to) (local.get $low0))
        (v128.store8_lane offset=2 2 (local.get $to) (local.get $low0))
        (local.set $low1 (i32x4.shr_s
          (i32x4.add (local.get $low1) (i32x4.shl (local.get $high1) (i32.const 15))) (i32.const 22)))
        (local.set $low1 (i16x8.narrow_i32x4_s (local.get $low1) (local.get $low1)))
        (v128.store32_lane 0 (i32.add (local.get $to) (local.get $line)) (i8x16.narrow_i16x8_u (local.get $low1) (local.get $low1)))
        (local.set $to (i32.add (local.get $to) (i32.const 3)))
        (local.set $start (i32.add (local.get $start) (i32.const 4)))
        (br_if $pixel (local.tee $place (i32.sub (local.get $place) (i32.const 1)))))
      (local.set $to (i32.add (local.get $to) (local.get $line)))
      (local.set $from (i32.add (local.get $from) (i32.shl (local.get $stride) (i32.const 1))))
      (br_if $rows (i32.gt_s (local.tee $count (i32.sub (local.get $count) (i32.const 2))) (i32.const 0)))))

  ;; Blends along the columns: from [·, line] bytes to [places, line] bytes.
  (func (export "rows")
    (param $from i32) (param $to i32) (param $line i32) (param $places i32)
    (param $starts i32)  ;; [places] bytes from the first row to that of the first tap
    (param $weights i32) ;; [places, pairs] of two taps, 16 bits each: low 0 and 1, high 0 and 1
    (param $pairs i32)
    (local $i i32) (local $pair i32) (local $weight i32) (local $at i32) (local $first i32)
    (local $a v128) (local $b v128) (local $t v128) (local $low v128) (local $high v128)
    (local $l0 v128) (local $l1 v128) (local $l2 v128) (local $l3 v128)
    (local $h0 v128) (local $h1 v128) (local $h2 v128) (local $h3 v128)
    (loop $row
      (local.set $i (i32.const 0))
      (local.set $first (i32.add (local.get $from) (i32.load (local.get $starts))))
      (loop $bytes
        (local.set $at (i32.add (local.get $first) (local.get $i)))
        (local.set $weight (local.get $weights))
        (local.set $l0 (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (local.set $l1 (local.get $l0))
        (local.set $l2 (local.get $l0))
        (local.set $l3 (local.get $l0))
        (local.set $h0 (v128.const i32x4 0 0 0 0))
        (local.set $h1 (local.get $h0))
        (local.set $h2 (local.get $h0))
        (local.set $h3 (local.get $h0))
        (local.set $pair (local.get $pairs))
        (loop $taps
          (local.set $low (v128.load32_splat (local.get $weight)))
          (local.set $high (v128.load32_splat offset=4 (local.get $weight)))
          (local.set $a (v128.load (local.get $at)))
          (local.set $at (i32.add (local.get $at) (local.get $line)))
          (local.set $b (v128.load (local.get $at)))
          (local.set $at (i32.add (local.get $at) (local.get $line)))
          ;; Bytes of both rows side by side.
          (local.set $t (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get $a) (local.get $b)))
          (local.set $b (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31 (local.get $a) (local.get $b)))
          (local.set $a (local.get $t))
          (local.set $t (i16x8.extend_low_i8x16_u (local.get $a)))
          (local.set $l0 (i32x4.add (local.get $l0) (i32x4.dot_i16x8_s (local.get $t) (local.get $low))))
          (local.set $h0 (i32x4.add (local.get $h0) (i32x4.dot_i16x8_s (local.get $t) (local.get $high))))
          (local.set $t (i16x8.extend_high_i8x16_u (local.get $a)))
          (local.set $l1 (i32x4.add (local.get $l1) (i32x4.dot_i16x8_s (local.get $t) (local.get $low))))
          (local.set $h1 (i32x4.add (local.get $h1) (i32x4.dot_i16x8_s (local.get $t) (local.get $high))))
          (local.set $t (i16x8.extend_low_i8x16_u (local.get $b)))
          (local.set $l2 (i32x4.add (local.get $l2) (i32x4.dot_i16x8_s (local.get $t) (local.get $low))))
          (local.set $h2 (i32x4.add (local.get $h2) (i32x4.dot_i16x8_s (local.get $t) (local.get $high))))
          (local.set $t (i16x8.extend_high_i8x16_u (local.get $b)))
          (local.set $l3 (i32x4.add (local.get $l3) (i32x4.dot_i16x8_s (local.get $t) (local.get $low))))
          (local.set $h3 (i32x4.add (local.get $h3) (i32x4.dot_i16x8_s (local.get $t) (local.get $high))))
          (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
          (br_if $taps (local.tee $pair (i32.sub (local.get $pair) (i32.const 1)))))
        ;; The bytes after the last of a row are written over by the next row.
        (v128.store (i32.add (local.get $to) (local.get $i))
          (i8x16.narrow_i16x8_u
            (i16x8.narrow_i32x4_s
              (i32x4.shr_s (i32x4.add (local.get $l0) (i32x4.shl (local.get $h0) (i32.const 15))) (i32.const 22))
              (i32x4.shr_s (i32x4.add (local.get $l1) (i32x4.shl (local.get $h1) (i32.const 15))) (i32.const 22)))
            (i16x8.narrow_i32x4_s
              (i32x4.shr_s (i32x4.add (local.get $l2) (i32x4.shl (local.get $h2) (i32.const 15))) (i32.const 22))
              (i32x4.shr_s (i32x4.add (local.get $l3) (i32x4.shl (local.get $h3) (i32.const 15))) (i32.const 22)))))
        (br_if $bytes (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $line))))
      (local.set $weights (local.get $weight))
      (local.set $starts (i32.add (local.get $starts) (i32.const 4)))
      (local.set $to (i32.add (local.get $to) (local.get $line)))
      (br_if $row (local.tee $places (i32.sub (local.get $places) (i32.const 1))))))
)
