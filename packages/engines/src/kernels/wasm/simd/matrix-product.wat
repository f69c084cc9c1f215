;; Products of matrices in the memory of the engine: the one factor as it lies or transposed, without a copy of it.
;; `scripts/assemble.ts` makes matrix-product.generated.ts of it.
(module
  (memory (import "engine" "memory") MEMORY)

  ;; The first $count of four numbers.
  (func $storeSome (param $to i32) (param $x v128) (param $count i32)
    (if (i32.ge_s (local.get $count) (i32.const 4)) (then
        (v128.store (local.get $to) (local.get $x))
        (return)))
    (if (i32.gt_s (local.get $count) (i32.const 0)) (then (v128.store32_lane 0 (local.get $to) (local.get $x))))
    (if (i32.gt_s (local.get $count) (i32.const 1)) (then (v128.store32_lane offset=4 1 (local.get $to) (local.get $x))))
    (if (i32.gt_s (local.get $count) (i32.const 2)) (then (v128.store32_lane offset=8 2 (local.get $to) (local.get $x)))))

  ;; c [M, N] = a · b [K, N], where entry [m, k] of a is at m · $row + k · $step, in bytes. Four rows and eight columns at a time, for
  ;; $most k after the other, so that what is read stays in the nearest cache. Reads up to 32 bytes after the end of b.
  (func (export "matrixProduct")
    (param $a i32) (param $b i32) (param $c i32) (param $M i32) (param $K i32) (param $N i32) (param $row i32) (param $step i32)
    (param $most i32)
    (local $k0 i32) (local $kn i32) (local $n i32) (local $m i32) (local $k i32) (local $line i32) (local $to i32) (local $left i32)
    (local $pb i32) (local $panel i32) (local $p0 i32) (local $p1 i32) (local $p2 i32) (local $p3 i32)
    (local $d0 v128) (local $d1 v128) (local $x v128)
    (local $s00 v128) (local $s01 v128) (local $s10 v128) (local $s11 v128)
    (local $s20 v128) (local $s21 v128) (local $s30 v128) (local $s31 v128)
    (local.set $line (i32.shl (local.get $N) (i32.const 2)))
    (loop $chunks
      (local.set $kn (i32.sub (local.get $K) (local.get $k0)))
      (local.set $kn (select (local.get $kn) (local.get $most) (i32.lt_s (local.get $kn) (local.get $most))))
      (local.set $n (i32.const 0))
      (loop $columns
        (local.set $left (i32.sub (local.get $N) (local.get $n)))
        (local.set $panel (i32.add (local.get $b)
            (i32.add (i32.mul (local.get $k0) (local.get $line)) (i32.shl (local.get $n) (i32.const 2)))))
        (local.set $m (i32.const 0))
        (loop $rows
          ;; Below the last row the last one is taken again, for nothing.
          (local.set $p0 (i32.add (i32.add (local.get $a) (i32.mul (local.get $k0) (local.get $step)))
              (i32.mul (local.get $m) (local.get $row))))
          (local.set $p1 (select (i32.add (local.get $p0) (local.get $row)) (local.get $p0)
              (i32.lt_s (i32.add (local.get $m) (i32.const 1)) (local.get $M))))
          (local.set $p2 (select (i32.add (local.get $p1) (local.get $row)) (local.get $p1)
              (i32.lt_s (i32.add (local.get $m) (i32.const 2)) (local.get $M))))
          (local.set $p3 (select (i32.add (local.get $p2) (local.get $row)) (local.get $p2)
              (i32.lt_s (i32.add (local.get $m) (i32.const 3)) (local.get $M))))
          (local.set $s00 (v128.const i32x4 0 0 0 0))
          (local.set $s01 (v128.const i32x4 0 0 0 0))
          (local.set $s10 (v128.const i32x4 0 0 0 0))
          (local.set $s11 (v128.const i32x4 0 0 0 0))
          (local.set $s20 (v128.const i32x4 0 0 0 0))
          (local.set $s21 (v128.const i32x4 0 0 0 0))
          (local.set $s30 (v128.const i32x4 0 0 0 0))
          (local.set $s31 (v128.const i32x4 0 0 0 0))
          (local.set $pb (local.get $panel))
          (local.set $k (local.get $kn))
          (loop $inner
            (local.set $d0 (v128.load (local.get $pb)))
            (local.set $d1 (v128.load offset=16 (local.get $pb)))
            (local.set $x (v128.load32_splat (local.get $p0)))
            (local.set $s00 (f32x4.add (local.get $s00) (f32x4.mul (local.get $x) (local.get $d0))))
            (local.set $s01 (f32x4.add (local.get $s01) (f32x4.mul (local.get $x) (local.get $d1))))
            (local.set $p0 (i32.add (local.get $p0) (local.get $step)))
            (local.set $x (v128.load32_splat (local.get $p1)))
            (local.set $s10 (f32x4.add (local.get $s10) (f32x4.mul (local.get $x) (local.get $d0))))
            (local.set $s11 (f32x4.add (local.get $s11) (f32x4.mul (local.get $x) (local.get $d1))))
            (local.set $p1 (i32.add (local.get $p1) (local.get $step)))
            (local.set $x (v128.load32_splat (local.get $p2)))
            (local.set $s20 (f32x4.add (local.get $s20) (f32x4.mul (local.get $x) (local.get $d0))))
            (local.set $s21 (f32x4.add (local.get $s21) (f32x4.mul (local.get $x) (local.get $d1))))
            (local.set $p2 (i32.add (local.get $p2) (local.get $step)))
            (local.set $x (v128.load32_splat (local.get $p3)))
            (local.set $s30 (f32x4.add (local.get $s30) (f32x4.mul (local.get $x) (local.get $d0))))
            (local.set $s31 (f32x4.add (local.get $s31) (f32x4.mul (local.get $x) (local.get $d1))))
            (local.set $p3 (i32.add (local.get $p3) (local.get $step)))
            (local.set $pb (i32.add (local.get $pb) (local.get $line)))
            (br_if $inner (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
          (local.set $to (i32.add (local.get $c) (i32.shl (i32.add (local.get $n) (i32.mul (local.get $m) (local.get $N))) (i32.const 2))))
          (if (local.get $k0) (then
              (local.set $s00 (f32x4.add (local.get $s00) (v128.load (local.get $to))))
              (local.set $s01 (f32x4.add (local.get $s01) (v128.load offset=16 (local.get $to))))))
          (call $storeSome (local.get $to) (local.get $s00) (local.get $left))
          (call $storeSome (i32.add (local.get $to) (i32.const 16)) (local.get $s01) (i32.sub (local.get $left) (i32.const 4)))
          (if (i32.lt_s (i32.add (local.get $m) (i32.const 1)) (local.get $M)) (then
              (local.set $to (i32.add (local.get $to) (local.get $line)))
              (if (local.get $k0) (then
                  (local.set $s10 (f32x4.add (local.get $s10) (v128.load (local.get $to))))
                  (local.set $s11 (f32x4.add (local.get $s11) (v128.load offset=16 (local.get $to))))))
              (call $storeSome (local.get $to) (local.get $s10) (local.get $left))
              (call $storeSome (i32.add (local.get $to) (i32.const 16)) (local.get $s11) (i32.sub (local.get $left) (i32.const 4)))
          ))
          (if (i32.lt_s (i32.add (local.get $m) (i32.const 2)) (local.get $M)) (then
              (local.set $to (i32.add (local.get $to) (local.get $line)))
              (if (local.get $k0) (then
                  (local.set $s20 (f32x4.add (local.get $s20) (v128.load (local.get $to))))
                  (local.set $s21 (f32x4.add (local.get $s21) (v128.load offset=16 (local.get $to))))))
              (call $storeSome (local.get $to) (local.get $s20) (local.get $left))
              (call $storeSome (i32.add (local.get $to) (i32.const 16)) (local.get $s21) (i32.sub (local.get $left) (i32.const 4)))
          ))
          (if (i32.lt_s (i32.add (local.get $m) (i32.const 3)) (local.get $M)) (then
              (local.set $to (i32.add (local.get $to) (local.get $line)))
              (if (local.get $k0) (then
                  (local.set $s30 (f32x4.add (local.get $s30) (v128.load (local.get $to))))
                  (local.set $s31 (f32x4.add (local.get $s31) (v128.load offset=16 (local.get $to))))))
              (call $storeSome (local.get $to) (local.get $s30) (local.get $left))
              (call $storeSome (i32.add (local.get $to) (i32.const 16)) (local.get $s31) (i32.sub (local.get $left) (i32.const 4)))
          ))
          (br_if $rows (i32.lt_s (local.tee $m (i32.add (local.get $m) (i32.const 4))) (local.get $M))))
        (br_if $columns (i32.lt_s (local.tee $n (i32.add (local.get $n) (i32.const 8))) (local.get $N))))
      (br_if $chunks (i32.lt_s (local.tee $k0 (i32.add (local.get $k0) (local.get $kn))) (local.get $K)))))
)
