import type { HostKernel } from './host-kernel.ts';

/** See `optim/adam.ts`: the same numbers in the same order. */
export const adamUpdate: HostKernel = {
  name: 'ltml/AdamUpdate',
  outputShapes: ({ parameter: { shape } }) => [shape, shape, shape],
  run({ parameter, gradient, slot0: firstMoment, slot1: secondMoment, coefficients }, [p, m, v]) {
    const [beta1, gain1, beta2, gain2, stepSize, offset, coupled, kept] = coefficients;
    for (let i = 0; i < p.length; i++) {
      const g = gradient[i] + coupled * parameter[i];
      const first = beta1 * firstMoment[i] + gain1 * g;
      const second = beta2 * secondMoment[i] + gain2 * g * g;
      p[i] = kept * parameter[i] - (stepSize * first) / (Math.sqrt(second) + offset);
      m[i] = first;
      v[i] = second;
    }
  },
};

/** See `optim/sgd.ts`: SGD with a momentum. */
export const sgdUpdate: HostKernel<{ readonly nesterov: number }> = {
  name: 'ltml/SgdUpdate',
  outputShapes: ({ parameter: { shape } }) => [shape, shape],
  run({ parameter, gradient, slot0: velocity, coefficients }, [p, v], { nesterov }) {
    const [learningRate, weightDecay, momentum, gain] = coefficients;
    for (let i = 0; i < p.length; i++) {
      const g = gradient[i] + weightDecay * parameter[i];
      const next = momentum * velocity[i] + gain * g;
      p[i] = parameter[i] - learningRate * (nesterov ? g + momentum * next : next);
      v[i] = next;
    }
  },
};
