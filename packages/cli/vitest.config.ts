import { tests } from '../../vitest.base.ts';

export default tests('cli', {
  chooseEngine: [
    'bench',
    'check-data',
    'command-line',
    'cprfl',
    'data-commands',
    'failures',
    'map-names',
    'predict-labels',
    'published-rows',
    'scenes',
    'score-table',
    'slurm',
    'stop-signals',
    'sweep',
    'sweep-report',
    'terminal',
    'weights',
    'weights-pull',
  ],
});
