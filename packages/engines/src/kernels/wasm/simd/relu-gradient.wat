;; The gradient of ReLU by its result. `scripts/assemble.ts` makes relu-gradient.generated.ts of it.
(module
  (memory (import "engine" "memory") MEMORY)

  ;; dx = dy where y is not 0 (NaN is not), else 0.
  (func (export "reluGradient") (param $dy i32) (param $y i32) (param $dx i32) (param $count i32)
    (local $width i32)
    (block $done (loop $next
      (br_if $done (i32.le_s (local.get $count) (i32.const 0)))
      (local.set $width (i32.const 16))
      (if (i32.ge_s (local.get $count) (i32.const 4))
        (then
          (v128.store (local.get $dx)
            (v128.and (v128.load (local.get $dy))
              (f32x4.ne (v128.load (local.get $y)) (v128.const i32x4 0 0 0 0)))))
        (else
          (local.set $width (i32.const 4))
          (v128.store32_lane 0 (local.get $dx)
            (v128.and (v128.load32_zero (local.get $dy))
              (f32x4.ne (v128.load32_zero (local.get $y)) (v128.const i32x4 0 0 0 0))))))
      (local.set $dy (i32.add (local.get $dy) (local.get $width)))
      (local.set $y (i32.add (local.get $y) (local.get $width)))
      (local.set $dx (i32.add (local.get $dx) (local.get $width)))
      (local.set $count (i32.sub (local.get $count) (i32.shr_u (local.get $width) (i32.const 2))))
      (br $next))))
)
