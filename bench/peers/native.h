// What SQLite itself reaches, without a driver between it and the program.
#ifndef PEERS_NATIVE_H
#define PEERS_NATIVE_H
#include <stddef.h>
#include <stdint.h>

// native_insert writes rows into a new log at path: one prepared insert, so
// many rows a commit, WAL and synced. A row is packed as two lengths of four
// bytes (body, fast), an id of 16 bytes, a leaf of 32, the body, the fast
// block. It returns 0 or SQLite's error code.
int native_insert(const char *path, const uint8_t *rows, size_t count, size_t batch);

// native_scan reads every column of every row. sum is over all lengths and
// numbers, so that nothing can be left out.
int native_scan(const char *path, uint64_t *count, uint64_t *sum);

#endif
