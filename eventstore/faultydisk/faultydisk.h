/* A file system under SQLite that remembers what was written and when it was
 * synced, and that fails when it is told to. See faultydisk.go. */
#ifndef CLEW_FAULTYDISK_H
#define CLEW_FAULTYDISK_H

#include <stdint.h>

/* Kinds of operations, as faultydisk.go reads them from the diary. */
enum { FD_OPEN = 1, FD_WRITE, FD_SYNC, FD_TRUNCATE, FD_DELETE, FD_MARK, FD_READ };

/* Ways to fail. */
enum { FD_EIO = 1, FD_FULL, FD_SHORT };

int  fd_install(void);
void fd_record(int on);
void fd_mark(int64_t number);
/* The diary so far; fd_forget empties it. Not to be called while SQLite works. */
const uint8_t *fd_diary(int64_t *size);
void fd_forget(void);
/* Fail operation number n from now on (1 is the next), and all later ones if
 * lasting is not 0. How is one of the ways above; 0 ends it. Operations are
 * counted in any case. */
void fd_fail(int64_t n, int how, int lasting);
int64_t fd_count(void);

#endif
