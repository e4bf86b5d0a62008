// What happens to a daemon that loads this (LD_PRELOAD) on the machine where the operators' page is followed. A fault holds as
// long as a file tells it: /run/faults/slow (a sync takes 0.8 s), /run/faults/broken (nothing can be written to a segment),
// /run/faults/clock (by how many seconds the clock is wrong).
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile int slow, broken;
static volatile long clock_off;

static void *look(void *nothing) {
  for (;;) {
    slow = access("/run/faults/slow", F_OK) == 0;
    broken = access("/run/faults/broken", F_OK) == 0;
    long seconds = 0;
    FILE *told = fopen("/run/faults/clock", "r");
    if (told) {
      if (fscanf(told, "%ld", &seconds) != 1) seconds = 0;
      fclose(told);
    }
    clock_off = seconds;
    usleep(100000);
  }
  return nothing;
}

__attribute__((constructor)) static void begin(void) {
  // The program's own threads hear its signals, and not this one.
  sigset_t all, before;
  pthread_t looks;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_create(&looks, NULL, look, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static int is_segment(int file) {
  char link[64], path[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, ".segment") != NULL;
}

int fdatasync(int file) {
  if (slow) usleep(800000);
  return (int)syscall(SYS_fdatasync, file);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) {
  if (broken && is_segment(file)) {
    errno = EIO;
    return -1;
  }
  return syscall(SYS_pwrite64, file, bytes, length, at);
}

int clock_gettime(clockid_t which, struct timespec *time) {
  int result = (int)syscall(SYS_clock_gettime, which, time);
  if (result == 0 && which == CLOCK_REALTIME) time->tv_sec += clock_off;
  return result;
}
