/* MPI's own time for what scripts/ranks.ts measures: sums of n floats in place, the median of 20. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  int rank, n = argc > 1 ? atoi(argv[1]) : 25000000;
  double times[20];
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  float *values = calloc(n, sizeof(float));
  for (int i = -2; i < 20; i++) {
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    MPI_Allreduce(MPI_IN_PLACE, values, n, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    if (i >= 0) times[i] = (MPI_Wtime() - start) * 1000;
  }
  qsort(times, 20, sizeof(double), ascending);
  if (rank == 0) printf("%f\n", times[10]);
  MPI_Finalize();
  return 0;
}
