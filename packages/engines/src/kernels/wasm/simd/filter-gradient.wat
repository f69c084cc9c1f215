;; The gradient of a convolution by its filter, in the memory of the engine: no transposed copies, and no filter to pack as where
;; it is computed by a convolution. `scripts/assemble.ts` makes filter-gradient.generated.ts of it.
(module
  (memory (import "engine" "memory") MEMORY)

  ;; Positions of one axis of dy, from $first on, whose tap lies in x: 0 ≤ place · stride + shift < size.
  (func $first (param $shift i32) (param $stride i32) (result i32)
    (if (i32.ge_s (local.get $shift) (i32.const 0)) (then (return (i32.const 0))))
    (i32.div_s
      (i32.sub (i32.sub (local.get $stride) (i32.const 1)) (local.get $shift))
      (local.get $stride)))
  (func $end (param $shift i32) (param $stride i32) (param $size i32) (param $places i32) (result i32)
    (local $end i32)
    (if (i32.ge_s (local.get $shift) (local.get $size)) (then (return (i32.const 0))))
    (local.set $end (i32.add
        (i32.div_s (i32.sub (i32.sub (local.get $size) (i32.const 1)) (local.get $shift)) (local.get $stride))
        (i32.const 1)))
    (select (local.get $end) (local.get $places) (i32.lt_s (local.get $end) (local.get $places))))

  ;; Adds to df [kH, kW, I, O], O a multiple of 4: df[i, j, c, o] = Σ x[b, y·sH + i − top, z·sW + j − left, c] · dy[b, y, z, o],
  ;; four c and eight o at a time, for o from $begin to $end, over $rows rows of dy after the other. Reads up to 16 bytes after
  ;; the ends of x and dy.
  (func (export "filterGradient")
    (param $x i32) (param $dy i32) (param $df i32)
    (param $B i32) (param $H i32) (param $W i32) (param $I i32) (param $M i32) (param $N i32) (param $O i32)
    (param $kH i32) (param $kW i32) (param $sH i32) (param $sW i32) (param $top i32) (param $left i32) (param $rows i32)
    (param $begin i32) (param $end i32)
    (local $b i32) (local $y i32) (local $lines i32)
    (local $b0 i32) (local $y0 i32) (local $n i32) (local $za i32) (local $count i32) (local $row i32)
    (local $i i32) (local $j i32) (local $c i32) (local $o i32) (local $k i32)
    (local $px i32) (local $pd i32) (local $xs i32) (local $ds i32) (local $to i32) (local $r i32)
    (local $d0 v128) (local $d1 v128) (local $a v128)
    (local $s00 v128) (local $s01 v128) (local $s10 v128) (local $s11 v128)
    (local $s20 v128) (local $s21 v128) (local $s30 v128) (local $s31 v128)
    (local.set $xs (i32.shl (i32.mul (local.get $sW) (local.get $I)) (i32.const 2)))
    (local.set $ds (i32.shl (local.get $O) (i32.const 2)))
    (local.set $lines (i32.mul (local.get $B) (local.get $M)))
    (loop $chunks
      (local.set $n (select (local.get $rows) (local.get $lines) (i32.lt_s (local.get $rows) (local.get $lines))))
      (local.set $i (i32.const 0))
      (loop $tapRows
        (local.set $j (i32.const 0))
        (loop $taps
          (local.set $za (call $first (i32.sub (local.get $j) (local.get $left)) (local.get $sW)))
          (local.set $count (i32.sub
              (call $end (i32.sub (local.get $j) (local.get $left)) (local.get $sW) (local.get $W) (local.get $N))
              (local.get $za)))
          (if (i32.gt_s (local.get $count) (i32.const 0)) (then
              (local.set $c (i32.const 0))
              (loop $inputs
                (local.set $o (local.get $begin))
                (loop $outputs
                  (local.set $s00 (v128.const i32x4 0 0 0 0))
                  (local.set $s01 (v128.const i32x4 0 0 0 0))
                  (local.set $s10 (v128.const i32x4 0 0 0 0))
                  (local.set $s11 (v128.const i32x4 0 0 0 0))
                  (local.set $s20 (v128.const i32x4 0 0 0 0))
                  (local.set $s21 (v128.const i32x4 0 0 0 0))
                  (local.set $s30 (v128.const i32x4 0 0 0 0))
                  (local.set $s31 (v128.const i32x4 0 0 0 0))
                  (local.set $b (local.get $b0))
                  (local.set $y (local.get $y0))
                  (local.set $r (local.get $n))
                  (loop $line
                    (local.set $row (i32.sub (i32.add (i32.mul (local.get $y) (local.get $sH)) (local.get $i)) (local.get $top)))
                    (if (i32.lt_u (local.get $row) (local.get $H)) (then
                        (local.set $px (i32.add (local.get $x) (i32.shl (i32.add (local.get $c) (i32.mul (local.get $I)
                                  (i32.add
                                    (i32.mul (local.get $W) (i32.add
                                        (i32.mul (local.get $b) (local.get $H))
                                        (local.get $row)))
                                    (i32.sub (i32.add (i32.mul (local.get $za) (local.get $sW)) (local.get $j)) (local.get $left)))))
                              (i32.const 2))))
                        (local.set $pd (i32.add (local.get $dy) (i32.shl (i32.add (local.get $o) (i32.mul (local.get $O)
                                  (i32.add
                                    (i32.mul (local.get $N) (i32.add (i32.mul (local.get $b) (local.get $M)) (local.get $y)))
                                    (local.get $za))))
                              (i32.const 2))))
                        (local.set $k (local.get $count))
                        (loop $place
                          (local.set $d0 (v128.load (local.get $pd)))
                          (local.set $d1 (v128.load offset=16 (local.get $pd)))
                          (local.set $a (v128.load32_splat (local.get $px)))
                          (local.set $s00 (f32x4.add (local.get $s00) (f32x4.mul (local.get $a) (local.get $d0))))
                          (local.set $s01 (f32x4.add (local.get $s01) (f32x4.mul (local.get $a) (local.get $d1))))
                          (local.set $a (v128.load32_splat offset=4 (local.get $px)))
                          (local.set $s10 (f32x4.add (local.get $s10) (f32x4.mul (local.get $a) (local.get $d0))))
                          (local.set $s11 (f32x4.add (local.get $s11) (f32x4.mul (local.get $a) (local.get $d1))))
                          (local.set $a (v128.load32_splat offset=8 (local.get $px)))
                          (local.set $s20 (f32x4.add (local.get $s20) (f32x4.mul (local.get $a) (local.get $d0))))
                          (local.set $s21 (f32x4.add (local.get $s21) (f32x4.mul (local.get $a) (local.get $d1))))
                          (local.set $a (v128.load32_splat offset=12 (local.get $px)))
                          (local.set $s30 (f32x4.add (local.get $s30) (f32x4.mul (local.get $a) (local.get $d0))))
                          (local.set $s31 (f32x4.add (local.get $s31) (f32x4.mul (local.get $a) (local.get $d1))))
                          (local.set $px (i32.add (local.get $px) (local.get $xs)))
                          (local.set $pd (i32.add (local.get $pd) (local.get $ds)))
                          (br_if $place (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
                    ))
                    (local.set $y (i32.add (local.get $y) (i32.const 1)))
                    (if (i32.eq (local.get $y) (local.get $M)) (then
                        (local.set $y (i32.const 0))
                        (local.set $b (i32.add (local.get $b) (i32.const 1)))))
                    (br_if $line (local.tee $r (i32.sub (local.get $r) (i32.const 1)))))
                  (local.set $to (i32.add (local.get $df) (i32.shl (i32.add (local.get $o) (i32.mul (local.get $O)
                            (i32.add (local.get $c) (i32.mul (local.get $I)
                                (i32.add (i32.mul (local.get $i) (local.get $kW)) (local.get $j))))))
                        (i32.const 2))))
                  (local.set $k (i32.ge_s (i32.sub (local.get $end) (local.get $o)) (i32.const 8)))
                  (v128.store (local.get $to) (f32x4.add (v128.load (local.get $to)) (local.get $s00)))
                  (if (local.get $k) (then
                      (v128.store offset=16 (local.get $to) (f32x4.add (v128.load offset=16 (local.get $to)) (local.get $s01)))))
                  (local.set $to (i32.add (local.get $to) (local.get $ds)))
                  (if (i32.lt_s (i32.add (local.get $c) (i32.const 1)) (local.get $I)) (then
                      (v128.store (local.get $to) (f32x4.add (v128.load (local.get $to)) (local.get $s10)))
                      (if (local.get $k) (then
                          (v128.store offset=16 (local.get $to) (f32x4.add (v128.load offset=16 (local.get $to)) (local.get $s11)))))
                  ))
                  (local.set $to (i32.add (local.get $to) (local.get $ds)))
                  (if (i32.lt_s (i32.add (local.get $c) (i32.const 2)) (local.get $I)) (then
                      (v128.store (local.get $to) (f32x4.add (v128.load (local.get $to)) (local.get $s20)))
                      (if (local.get $k) (then
                          (v128.store offset=16 (local.get $to) (f32x4.add (v128.load offset=16 (local.get $to)) (local.get $s21)))))
                  ))
                  (local.set $to (i32.add (local.get $to) (local.get $ds)))
                  (if (i32.lt_s (i32.add (local.get $c) (i32.const 3)) (local.get $I)) (then
                      (v128.store (local.get $to) (f32x4.add (v128.load (local.get $to)) (local.get $s30)))
                      (if (local.get $k) (then
                          (v128.store offset=16 (local.get $to) (f32x4.add (v128.load offset=16 (local.get $to)) (local.get $s31)))))
                  ))
                  (br_if $outputs (i32.lt_s (local.tee $o (i32.add (local.get $o) (i32.const 8))) (local.get $end))))
                (br_if $inputs (i32.lt_s (local.tee $c (i32.add (local.get $c) (i32.const 4))) (local.get $I))))))
          (br_if $taps (i32.lt_s (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $kW))))
        (br_if $tapRows (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $kH))))
      ;; Where the next chunk begins.
      (local.set $y (i32.add (local.get $y0) (local.get $n)))
      (local.set $b0 (i32.add (local.get $b0) (i32.div_u (local.get $y) (local.get $M))))
      (local.set $y0 (i32.rem_u (local.get $y) (local.get $M)))
      (br_if $chunks (local.tee $lines (i32.sub (local.get $lines) (local.get $n))))))
)
