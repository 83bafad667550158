#include "faultydisk.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The parts of SQLite's interface that a file system meets, from its public
 * domain header (https://sqlite.org/c3ref/vfs.html, io_methods.html). They are
 * fixed by its promise of compatibility; the driver that is linked in defines
 * the functions. */
typedef int64_t sqlite3_int64;
typedef struct sqlite3_file sqlite3_file;
typedef struct sqlite3_vfs sqlite3_vfs;
typedef struct sqlite3_io_methods sqlite3_io_methods;
struct sqlite3_file { const sqlite3_io_methods *pMethods; };
struct sqlite3_io_methods {
	int iVersion;
	int (*xClose)(sqlite3_file *);
	int (*xRead)(sqlite3_file *, void *, int, sqlite3_int64);
	int (*xWrite)(sqlite3_file *, const void *, int, sqlite3_int64);
	int (*xTruncate)(sqlite3_file *, sqlite3_int64);
	int (*xSync)(sqlite3_file *, int);
	int (*xFileSize)(sqlite3_file *, sqlite3_int64 *);
	int (*xLock)(sqlite3_file *, int);
	int (*xUnlock)(sqlite3_file *, int);
	int (*xCheckReservedLock)(sqlite3_file *, int *);
	int (*xFileControl)(sqlite3_file *, int, void *);
	int (*xSectorSize)(sqlite3_file *);
	int (*xDeviceCharacteristics)(sqlite3_file *);
	int (*xShmMap)(sqlite3_file *, int, int, int, void volatile **);
	int (*xShmLock)(sqlite3_file *, int, int, int);
	void (*xShmBarrier)(sqlite3_file *);
	int (*xShmUnmap)(sqlite3_file *, int);
	int (*xFetch)(sqlite3_file *, sqlite3_int64, int, void **);
	int (*xUnfetch)(sqlite3_file *, sqlite3_int64, void *);
};
struct sqlite3_vfs {
	int iVersion;
	int szOsFile;
	int mxPathname;
	sqlite3_vfs *pNext;
	const char *zName;
	void *pAppData;
	int (*xOpen)(sqlite3_vfs *, const char *, sqlite3_file *, int, int *);
	int (*xDelete)(sqlite3_vfs *, const char *, int);
	int (*xAccess)(sqlite3_vfs *, const char *, int, int *);
	int (*xFullPathname)(sqlite3_vfs *, const char *, int, char *);
	void *(*xDlOpen)(sqlite3_vfs *, const char *);
	void (*xDlError)(sqlite3_vfs *, int, char *);
	void (*(*xDlSym)(sqlite3_vfs *, void *, const char *))(void);
	void (*xDlClose)(sqlite3_vfs *, void *);
	int (*xRandomness)(sqlite3_vfs *, int, char *);
	int (*xSleep)(sqlite3_vfs *, int);
	int (*xCurrentTime)(sqlite3_vfs *, double *);
	int (*xGetLastError)(sqlite3_vfs *, int, char *);
	int (*xCurrentTimeInt64)(sqlite3_vfs *, sqlite3_int64 *);
	int (*xSetSystemCall)(sqlite3_vfs *, const char *, void (*)(void));
	void (*(*xGetSystemCall)(sqlite3_vfs *, const char *))(void);
	const char *(*xNextSystemCall)(sqlite3_vfs *, const char *);
};
extern sqlite3_vfs *sqlite3_vfs_find(const char *);
extern int sqlite3_vfs_register(sqlite3_vfs *, int);

enum {
	OK = 0, FULL = 13, CANTOPEN = 14,
	IOERR_READ = 10 | 1 << 8, IOERR_WRITE = 10 | 3 << 8, IOERR_FSYNC = 10 | 4 << 8,
	IOERR_TRUNCATE = 10 | 6 << 8, IOERR_DELETE = 10 | 10 << 8,
};

static sqlite3_vfs *real; /* the operating system's */
static sqlite3_vfs shim;

/* One lock for all that follows. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int recording;
static uint8_t *diary;
static int64_t used, room;
static int64_t count, fail_at;
static int fail_how, fail_lasting;

static void note(const void *bytes, int64_t n) {
	if (used + n > room) {
		room = (used + n) * 2;
		diary = realloc(diary, room);
		if (!diary) abort();
	}
	memcpy(diary + used, bytes, n);
	used += n;
}

/* An entry: kind, length of the name, the name, two numbers, length of the
 * bytes, the bytes. Numbers are 8 bytes as this machine writes them. */
static void enter(uint8_t kind, const char *name, int64_t a, int64_t b, const void *bytes) {
	int64_t length = name ? (int64_t)strlen(name) : 0, n = bytes ? b : 0;
	if (!recording) return;
	note(&kind, 1);
	note(&length, 8);
	note(name, length);
	note(&a, 8);
	note(&b, 8);
	note(&n, 8);
	note(bytes, n);
}

/* due counts an operation and says how it fails, or 0. */
static int due(void) {
	count++;
	if (fail_at == 0 || count < fail_at || (count > fail_at && !fail_lasting)) return 0;
	return fail_how;
}

typedef struct {
	sqlite3_file base;
	char *name;
	sqlite3_file *under; /* lies behind this struct */
} faulty;

#define UNDER(f) (((faulty *)(f))->under)
#define CALL(f, method) UNDER(f)->pMethods->method

static int fdClose(sqlite3_file *f) {
	int rc = CALL(f, xClose)(UNDER(f));
	free(((faulty *)f)->name);
	((faulty *)f)->name = 0;
	return rc;
}

static int fdRead(sqlite3_file *f, void *to, int n, sqlite3_int64 at) {
	pthread_mutex_lock(&lock);
	int how = due();
	pthread_mutex_unlock(&lock);
	/* A full disk can still be read. */
	if (how == FD_EIO) return IOERR_READ;
	return CALL(f, xRead)(UNDER(f), to, n, at);
}

static int fdWrite(sqlite3_file *f, const void *from, int n, sqlite3_int64 at) {
	pthread_mutex_lock(&lock);
	int how = due(), rc, whole = n;
	if (how == FD_SHORT) n /= 2;
	if (how == FD_EIO || how == FD_FULL) {
		rc = how == FD_EIO ? IOERR_WRITE : FULL;
	} else {
		rc = n ? CALL(f, xWrite)(UNDER(f), from, n, at) : OK;
		if (rc == OK) enter(FD_WRITE, ((faulty *)f)->name, at, n, from);
		if (n != whole) rc = FULL;
	}
	pthread_mutex_unlock(&lock);
	return rc;
}

static int fdTruncate(sqlite3_file *f, sqlite3_int64 size) {
	pthread_mutex_lock(&lock);
	int rc = due() ? IOERR_TRUNCATE : CALL(f, xTruncate)(UNDER(f), size);
	if (rc == OK) enter(FD_TRUNCATE, ((faulty *)f)->name, size, 0, 0);
	pthread_mutex_unlock(&lock);
	return rc;
}

static int fdSync(sqlite3_file *f, int flags) {
	pthread_mutex_lock(&lock);
	int rc = due() ? IOERR_FSYNC : CALL(f, xSync)(UNDER(f), flags);
	if (rc == OK) enter(FD_SYNC, ((faulty *)f)->name, 0, 0, 0);
	pthread_mutex_unlock(&lock);
	return rc;
}

static int fdFileSize(sqlite3_file *f, sqlite3_int64 *n) { return CALL(f, xFileSize)(UNDER(f), n); }
static int fdLock(sqlite3_file *f, int l) { return CALL(f, xLock)(UNDER(f), l); }
static int fdUnlock(sqlite3_file *f, int l) { return CALL(f, xUnlock)(UNDER(f), l); }
static int fdCheckReservedLock(sqlite3_file *f, int *r) { return CALL(f, xCheckReservedLock)(UNDER(f), r); }
static int fdFileControl(sqlite3_file *f, int op, void *a) { return CALL(f, xFileControl)(UNDER(f), op, a); }
static int fdSectorSize(sqlite3_file *f) { return CALL(f, xSectorSize)(UNDER(f)); }
static int fdDeviceCharacteristics(sqlite3_file *f) { return CALL(f, xDeviceCharacteristics)(UNDER(f)); }
static int fdShmMap(sqlite3_file *f, int p, int n, int e, void volatile **to) { return CALL(f, xShmMap)(UNDER(f), p, n, e, to); }
static int fdShmLock(sqlite3_file *f, int o, int n, int flags) { return CALL(f, xShmLock)(UNDER(f), o, n, flags); }
static void fdShmBarrier(sqlite3_file *f) { CALL(f, xShmBarrier)(UNDER(f)); }
static int fdShmUnmap(sqlite3_file *f, int d) { return CALL(f, xShmUnmap)(UNDER(f), d); }
static int fdFetch(sqlite3_file *f, sqlite3_int64 at, int n, void **to) { *to = 0; return OK; }
static int fdUnfetch(sqlite3_file *f, sqlite3_int64 at, void *p) { return OK; }

static const sqlite3_io_methods methods = {
	3, fdClose, fdRead, fdWrite, fdTruncate, fdSync, fdFileSize, fdLock, fdUnlock,
	fdCheckReservedLock, fdFileControl, fdSectorSize, fdDeviceCharacteristics,
	fdShmMap, fdShmLock, fdShmBarrier, fdShmUnmap, fdFetch, fdUnfetch,
};

static int fdOpen(sqlite3_vfs *v, const char *name, sqlite3_file *file, int flags, int *out) {
	faulty *f = (faulty *)file;
	f->base.pMethods = 0;
	f->under = (sqlite3_file *)(f + 1);
	pthread_mutex_lock(&lock);
	int rc = due() ? CANTOPEN : real->xOpen(real, name, f->under, flags, out);
	if (rc == OK && name) enter(FD_OPEN, name, 0, 0, 0);
	pthread_mutex_unlock(&lock);
	if (rc != OK) return rc;
	f->name = strdup(name ? name : "");
	if (!f->name) abort();
	f->base.pMethods = &methods;
	return OK;
}

static int fdDelete(sqlite3_vfs *v, const char *name, int sync) {
	pthread_mutex_lock(&lock);
	int rc = due() ? IOERR_DELETE : real->xDelete(real, name, sync);
	if (rc == OK) enter(FD_DELETE, name, sync, 0, 0);
	pthread_mutex_unlock(&lock);
	return rc;
}

/* The rest is the operating system's. */
static int fdAccess(sqlite3_vfs *v, const char *z, int flags, int *r) { return real->xAccess(real, z, flags, r); }
static int fdFullPathname(sqlite3_vfs *v, const char *z, int n, char *to) { return real->xFullPathname(real, z, n, to); }
static void *fdDlOpen(sqlite3_vfs *v, const char *z) { return real->xDlOpen(real, z); }
static void fdDlError(sqlite3_vfs *v, int n, char *z) { real->xDlError(real, n, z); }
static void (*fdDlSym(sqlite3_vfs *v, void *p, const char *z))(void) { return real->xDlSym(real, p, z); }
static void fdDlClose(sqlite3_vfs *v, void *p) { real->xDlClose(real, p); }
static int fdRandomness(sqlite3_vfs *v, int n, char *z) { return real->xRandomness(real, n, z); }
static int fdSleep(sqlite3_vfs *v, int us) { return real->xSleep(real, us); }
static int fdCurrentTime(sqlite3_vfs *v, double *t) { return real->xCurrentTime(real, t); }
static int fdGetLastError(sqlite3_vfs *v, int n, char *z) { return real->xGetLastError(real, n, z); }
static int fdCurrentTimeInt64(sqlite3_vfs *v, sqlite3_int64 *t) { return real->xCurrentTimeInt64(real, t); }

int fd_install(void) {
	if (real) return OK;
	real = sqlite3_vfs_find(0);
	if (!real) return CANTOPEN;
	shim = (sqlite3_vfs){
		2, (int)sizeof(faulty) + real->szOsFile, real->mxPathname, 0, "clew-faulty", 0,
		fdOpen, fdDelete, fdAccess, fdFullPathname, fdDlOpen, fdDlError, fdDlSym, fdDlClose,
		fdRandomness, fdSleep, fdCurrentTime, fdGetLastError, fdCurrentTimeInt64, 0, 0, 0,
	};
	return sqlite3_vfs_register(&shim, 1);
}

void fd_record(int on) {
	pthread_mutex_lock(&lock);
	recording = on;
	pthread_mutex_unlock(&lock);
}

void fd_mark(int64_t number) {
	pthread_mutex_lock(&lock);
	enter(FD_MARK, 0, number, 0, 0);
	pthread_mutex_unlock(&lock);
}

const uint8_t *fd_diary(int64_t *size) {
	*size = used;
	return diary;
}

void fd_forget(void) {
	pthread_mutex_lock(&lock);
	free(diary);
	diary = 0;
	used = room = 0;
	pthread_mutex_unlock(&lock);
}

void fd_fail(int64_t n, int how, int lasting) {
	pthread_mutex_lock(&lock);
	fail_at = how ? count + n : 0;
	fail_how = how;
	fail_lasting = lasting;
	pthread_mutex_unlock(&lock);
}

int64_t fd_count(void) {
	pthread_mutex_lock(&lock);
	int64_t n = count;
	pthread_mutex_unlock(&lock);
	return n;
}
