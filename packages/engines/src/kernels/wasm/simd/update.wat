;; The updates of Sgd, Adam and AdamW, in the memory of the engine; what the numbers are, the optimisers of @ltml/tensor say.
;; Each adds and multiplies as the engine's own kernels would, so that results are the same to the bit.
;; `scripts/assemble.ts` makes update.generated.ts of it.
(module
  (memory (import "engine" "memory") MEMORY)

  (func (export "adam")
    (param $p i32) (param $g i32) (param $m i32) (param $v i32) (param $count i32)
    (param $beta1 f32) (param $gain1 f32) (param $beta2 f32) (param $gain2 f32)
    (param $step f32) (param $offset f32) (param $coupled f32) (param $kept f32)
    (local $wide i32) (local $x v128) (local $slope v128) (local $first v128) (local $second v128)
    (block $done (loop $next
      (br_if $done (i32.le_s (local.get $count) (i32.const 0)))
      ;; Four entries at a time, the last three one by one.
      (local.set $wide (i32.ge_s (local.get $count) (i32.const 4)))
      (if (local.get $wide)
        (then
          (local.set $x (v128.load (local.get $p)))
          (local.set $slope (v128.load (local.get $g)))
          (local.set $first (v128.load (local.get $m)))
          (local.set $second (v128.load (local.get $v))))
        (else
          (local.set $x (v128.load32_zero (local.get $p)))
          (local.set $slope (v128.load32_zero (local.get $g)))
          (local.set $first (v128.load32_zero (local.get $m)))
          (local.set $second (v128.load32_zero (local.get $v)))))
      (if (f32.ne (local.get $coupled) (f32.const 0)) (then
        (local.set $slope (f32x4.add (local.get $slope)
          (f32x4.mul (local.get $x) (f32x4.splat (local.get $coupled)))))))
      (local.set $first (f32x4.add
        (f32x4.mul (local.get $first) (f32x4.splat (local.get $beta1)))
        (f32x4.mul (local.get $slope) (f32x4.splat (local.get $gain1)))))
      (local.set $second (f32x4.add
        (f32x4.mul (local.get $second) (f32x4.splat (local.get $beta2)))
        (f32x4.mul (f32x4.mul (local.get $slope) (local.get $slope)) (f32x4.splat (local.get $gain2)))))
      (local.set $x (f32x4.sub
        (f32x4.mul (local.get $x) (f32x4.splat (local.get $kept)))
        (f32x4.mul
          (f32x4.div (local.get $first)
            (f32x4.add (f32x4.sqrt (local.get $second)) (f32x4.splat (local.get $offset))))
          (f32x4.splat (local.get $step)))))
      (if (local.get $wide)
        (then
          (v128.store (local.get $p) (local.get $x))
          (v128.store (local.get $m) (local.get $first))
          (v128.store (local.get $v) (local.get $second)))
        (else
          (v128.store32_lane 0 (local.get $p) (local.get $x))
          (v128.store32_lane 0 (local.get $m) (local.get $first))
          (v128.store32_lane 0 (local.get $v) (local.get $second))))
      (local.set $wide (select (i32.const 4) (i32.const 1) (local.get $wide)))
      (local.set $count (i32.sub (local.get $count) (local.get $wide)))
      (local.set $wide (i32.shl (local.get $wide) (i32.const 2)))
      (local.set $p (i32.add (local.get $p) (local.get $wide)))
      (local.set $g (i32.add (local.get $g) (local.get $wide)))
      (local.set $m (i32.add (local.get $m) (local.get $wide)))
      (local.set $v (i32.add (local.get $v) (local.get $wide)))
      (br $next))))

  ;; Without a velocity where $v is 0.
  (func (export "sgd")
    (param $p i32) (param $g i32) (param $v i32) (param $count i32)
    (param $rate f32) (param $decay f32) (param $momentum f32) (param $gain f32) (param $nesterov i32)
    (local $wide i32) (local $x v128) (local $slope v128) (local $velocity v128)
    (block $done (loop $next
      (br_if $done (i32.le_s (local.get $count) (i32.const 0)))
      (local.set $wide (i32.ge_s (local.get $count) (i32.const 4)))
      (if (local.get $wide)
        (then
          (local.set $x (v128.load (local.get $p)))
          (local.set $slope (v128.load (local.get $g))))
        (else
          (local.set $x (v128.load32_zero (local.get $p)))
          (local.set $slope (v128.load32_zero (local.get $g)))))
      (if (f32.ne (local.get $decay) (f32.const 0)) (then
        (local.set $slope (f32x4.add (local.get $slope)
          (f32x4.mul (local.get $x) (f32x4.splat (local.get $decay)))))))
      (if (local.get $v) (then
        (if (local.get $wide)
          (then (local.set $velocity (v128.load (local.get $v))))
          (else (local.set $velocity (v128.load32_zero (local.get $v)))))
        (local.set $velocity (f32x4.add
          (f32x4.mul (local.get $velocity) (f32x4.splat (local.get $momentum)))
          (f32x4.mul (local.get $slope) (f32x4.splat (local.get $gain)))))
        (if (local.get $wide)
          (then (v128.store (local.get $v) (local.get $velocity)))
          (else (v128.store32_lane 0 (local.get $v) (local.get $velocity))))
        (if (local.get $nesterov)
          (then (local.set $slope (f32x4.add (local.get $slope)
            (f32x4.mul (local.get $velocity) (f32x4.splat (local.get $momentum))))))
          (else (local.set $slope (local.get $velocity))))))
      (local.set $x (f32x4.sub (local.get $x) (f32x4.mul (local.get $slope) (f32x4.splat (local.get $rate)))))
      (if (local.get $wide)
        (then (v128.store (local.get $p) (local.get $x)))
        (else (v128.store32_lane 0 (local.get $p) (local.get $x))))
      (local.set $wide (select (i32.const 4) (i32.const 1) (local.get $wide)))
      (local.set $count (i32.sub (local.get $count) (local.get $wide)))
      (local.set $wide (i32.shl (local.get $wide) (i32.const 2)))
      (local.set $p (i32.add (local.get $p) (local.get $wide)))
      (local.set $g (i32.add (local.get $g) (local.get $wide)))
      (if (local.get $v) (then (local.set $v (i32.add (local.get $v) (local.get $wide)))))
      (br $next))))
)
